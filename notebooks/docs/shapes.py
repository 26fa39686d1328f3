"""An extension of griffe: shapes in docstrings, such as ``[classes][labels]``, are no links."""

from __future__ import annotations

import re
from typing import Any

import griffe

_CODE_OR_LINK = re.compile(r"(`[^`]*`)|\]\[")


class Shapes(griffe.Extension):
    """Escape what Markdown would take for a reference to somewhere else."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Change the docstring of one object."""
        if obj.docstring:
            value = obj.docstring.value
            obj.docstring.value = _CODE_OR_LINK.sub(lambda match: match[1] or r"]\[", value)
