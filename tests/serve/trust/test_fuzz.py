"""A bounded number of the requests of ``fuzz.py``; the command sends 20,000 and more."""

from __future__ import annotations

from pathlib import Path

from fake_server import running_server
from fastapi.testclient import TestClient
from fuzz import JOBS, run

CASES = 250


def test_no_answer_is_a_5xx_or_undescribed(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        outcome = run(server.url, CASES)
        assert "unhandled" not in server.log()
    assert outcome.findings == {}
    assert outcome.cases >= CASES
    assert outcome.statuses[200] > 30, "requests get past the checks"
    assert outcome.statuses[422] > 30, "and fail at them"


def test_a_number_beyond_the_databases_is_refused(client: TestClient) -> None:
    headers = {"content-type": "application/octet-stream", "x-filename": "a.csv"}
    job = client.post(JOBS, content=b"text\nx\n", headers=headers).json()["job"]["id"]
    for number in (-(2**63), 0, 2**31, 2**63, 10**30):
        row = f"{JOBS}/{job}/rows/{number}"
        assert client.get(row).status_code == 404
        assert client.get(f"{row}/reasons").status_code == 404
        assert client.post(f"{row}/review", json={"label": "harassment"}).status_code == 404
        assert client.post(f"{row}/undo", json={}).status_code == 404
    for number in (-1, 2**31, 10**30):
        assert client.get(f"{JOBS}/{job}/clusters/{number}").status_code == 422
