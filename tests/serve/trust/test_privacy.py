"""The privacy checks run in a process of their own: here, other tests decide what is printed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_no_text_is_left_behind() -> None:
    checks = Path(__file__).with_name("privacy.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(checks)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-4000:]
    assert "2 passed" in done.stdout
