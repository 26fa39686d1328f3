"""Chinese postal addresses in a text: place names become 某, numbers of houses and rooms *."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).parent / "resources" / "deidentify.toml"
_LISTS: Final[dict[str, str]] = {
    name: "|".join(sorted(words.split(), key=len, reverse=True))
    for name, words in tomllib.loads(_FILE.read_text("utf-8"))["addresses"].items()
}
_PROVINCES: Final = f"(?:{_LISTS['provinces']})"
_NO_PLACE: Final = _LISTS["not_place"].replace("|", "")
_PLACE: Final = f"[^\\W\\d_a-zA-Z{_NO_PLACE}]"
_ALONE: Final = f"[^\\W\\d_a-zA-Z{_NO_PLACE}{_LISTS['not_alone']}]"
_UNITS: Final = f"(?:{_LISTS['units']}|里(?=小区|[0-9]))"
_NUMBERED: Final = f"(?:{_LISTS['numbered']})"
_NUMBER: Final = "[0-9a-zA-Z零一二三四五六七八九十百]{1,6}(?:-[0-9]{1,5}){0,3}"
_STEP: Final = f"(?:{_PROVINCES}(?:省|市)?|{_PLACE}{{1,7}}?{_UNITS})"
_HOUSE: Final = f"(?:第?{_NUMBER}{_NUMBERED}(?:[a-zA-Z]?座)?)"
_ROOM: Final = "(?:[0-9]{2,4}(?![0-9元块天]))?"

_ADDRESS: Final = re.compile(
    f"{_STEP}{{2,8}}{_HOUSE}{{0,5}}{_ROOM}"
    f"|{_STEP}{_HOUSE}{{1,5}}{_ROOM}"
    f"|{_NUMBER}(?:栋|幢|号楼|座)(?:{_NUMBER}(?:单元|门))?{_NUMBER}(?:室|户|号|房)?"
    f"|{_ALONE}{{2,3}}(?:镇|乡|村|县|屯)(?![长干委民里官级支])"
)
_PARTS: Final = re.compile(f"{_PROVINCES}(?=省|市|自治区)|{_PLACE}{{1,7}}?(?={_UNITS})")


def find_addresses(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, substitute) of each address in a normalised text."""
    for found in _ADDRESS.finditer(text):
        yield found.start(), found.end(), masked(found[0])


def masked(address: str) -> str:
    """Return 某省某市某区某路*号 for an address."""
    bare = re.sub(f"{_PROVINCES}(?!省|市|自治区)", "某地", address)
    named = _PARTS.sub("某", bare)
    return re.sub(f"{_NUMBER}(?={_NUMBERED}|门|房|$)", "*", named)
