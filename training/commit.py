"""Which commit of the code is running, for the records of runs and evaluations."""

from __future__ import annotations

import subprocess
from pathlib import Path


def current_commit() -> str | None:
    """Return the commit that is checked out; None outside a git checkout."""
    try:
        command = ["git", "rev-parse", "HEAD"]
        root = Path(__file__).parent
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)  # noqa: S603
        return done.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
