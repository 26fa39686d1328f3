"""The committed description of the HTTP interface: ``python -m serve.openapi`` rewrites it.

With ``--check`` it only compares and exits with 1 where the file is out of date.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from serve.app import create_app
from serve.settings import Settings

PATH = Path(__file__).parent / "openapi.json"


def current() -> str:
    """Return the description that the code gives now, as the file's text."""
    return json.dumps(create_app(Settings()).openapi(), ensure_ascii=False, indent=1) + "\n"


def main(argv: list[str]) -> int:
    """Write or check the file; return the exit code."""
    text = current()
    if "--check" in argv:
        return 0 if PATH.exists() and PATH.read_text(encoding="utf-8") == text else 1
    PATH.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
