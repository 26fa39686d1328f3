"""Keep the generated parts of ``data/README.md`` current."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from data.counts import counts
from data.giveaways import giveaways

if TYPE_CHECKING:
    from data.corpus import CorpusRow

README = Path(__file__).parent / "README.md"


def render(sheet: str, rows: "Sequence[CorpusRow]", split: Mapping[str, str]) -> str:
    """Return the datasheet with what stands between its markers written anew.

    Raises ValueError where a pair of markers, ``<!-- counts -->`` to ``<!-- /counts -->`` or the
    same with ``giveaways``, is missing.
    """
    for name, block in (("counts", counts(rows, split)), ("giveaways", giveaways(rows))):
        start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        pattern = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
        if not pattern.search(sheet):
            raise ValueError(f"the datasheet lacks {start} … {end}")
        whole = f"{start}\n\n{block}\n\n{end}"
        sheet = pattern.sub(lambda _, whole=whole: whole, sheet)  # type: ignore[misc]
    return sheet
