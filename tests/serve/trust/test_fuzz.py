"""A bounded number of the requests of ``fuzz.py``; the command sends 20,000 and more."""

from __future__ import annotations

from pathlib import Path

from fake_server import running_server
from fuzz import run

CASES = 250


def test_no_answer_is_a_5xx_or_undescribed(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        outcome = run(server.url, CASES)
        assert "unhandled" not in server.log()
    assert outcome.findings == {}
    assert outcome.cases >= CASES
    assert outcome.statuses[200] > 30, "requests get past the checks"
    assert outcome.statuses[422] > 30, "and fail at them"
