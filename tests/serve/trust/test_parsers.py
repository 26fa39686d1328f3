"""Inputs that once broke a parser, and the seeds of the fuzzing, break none.

``guided.py`` finds new ones: put such an input into ``found/`` under its target's name.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from parsers import TARGETS, seeds

FOUND = Path(__file__).parent / "found"


@pytest.mark.parametrize("target", TARGETS)
def test_no_seed_and_nothing_found_before_breaks_a_parser(target: str) -> None:
    found = [path.read_bytes() for path in sorted(FOUND.glob(f"{target}-*"))]
    for data in (b"", *seeds(target), *found):
        TARGETS[target](data)


def test_every_input_found_has_its_target() -> None:
    assert {path.name.partition("-")[0] for path in FOUND.glob("*-*")} <= set(TARGETS)
