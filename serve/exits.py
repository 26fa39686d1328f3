"""How a command ends early."""

from __future__ import annotations

from typing import NoReturn

import typer


def fail(message: str, code: int = 2) -> NoReturn:
    """Print a message to stderr and leave; 2 is a wrong call, 1 an error."""
    typer.echo(message, err=True)
    raise typer.Exit(code)
