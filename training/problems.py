"""How the commands of training tell what is wrong with rows."""

from __future__ import annotations

from typing import Final

from data.rows import RowErrors

MOST_PROBLEMS: Final = 20


def shortened(error: Exception) -> str:
    """Return an error's message; of very many problems only the first ones."""
    if not isinstance(error, RowErrors):
        return str(error)
    more = len(error.problems) - MOST_PROBLEMS
    tail = [f"... and {more} more"] if more > 0 else []
    return "\n".join([*error.problems[:MOST_PROBLEMS], *tail])
