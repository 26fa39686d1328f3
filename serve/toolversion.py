"""The version of the installed package."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def tool_version() -> str:
    """Return the version of the installed package."""
    try:
        return version("dunlens")
    except PackageNotFoundError:  # run from a folder without an installation
        return "(not installed)"
