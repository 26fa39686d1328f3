"""Steps that the tests of the desk's routes have in common."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from fastapi.testclient import TestClient
from waiting import wait_until

API = "/v1/triage/jobs"
CSV = (
    "编号,时间,发送号码,短信内容\r\n"
    "1,2026-03-01 09:00,1069001,请还款\r\n"
    "2,2026-03-01 23:30,1069002,今天不还就在门口等你，告诉你同事\r\n"
    "3,2026-03-02 10:00,1069002,也许你不要脸\r\n"
    "4,2026-03-02 11:00,1069003,   \r\n"
    "5,2026-03-03 12:00,1069003,早上好\r\n"
)
MAPPING = {"text": "短信内容", "sent_at": "时间", "sender": "发送号码"}


def upload(client: TestClient, content: str | bytes = CSV, name: str = "投诉.csv") -> Any:
    """Upload a file and return the response."""
    return client.post(
        API,
        content=content.encode() if isinstance(content, str) else content,
        headers={"Content-Type": "application/octet-stream", "X-Filename": quote(name)},
    )


def started(client: TestClient, content: str = CSV, mapping: Any = None) -> str:
    """Upload a file, confirm its columns and return the job's id."""
    job_id: str = upload(client, content).json()["job"]["id"]
    response = client.post(f"{API}/{job_id}/start", json={"mapping": mapping or MAPPING})
    assert response.status_code == 200, response.text
    return job_id


def finished(client: TestClient, content: str = CSV, mapping: Any = None) -> str:
    """The same, and wait until all rows are done."""
    job_id = started(client, content, mapping)
    wait_until(lambda: client.get(f"{API}/{job_id}").json()["state"] == "done", seconds=30)
    return job_id


def rows(client: TestClient, job_id: str, **query: Any) -> list[dict[str, Any]]:
    """Return the rows of a page."""
    response = client.get(f"{API}/{job_id}/rows", params=query)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["rows"]
    return found


def events(text: str) -> list[dict[str, Any]]:
    """Return the data of the events in a stream."""
    return [
        json.loads(line.removeprefix("data: "))
        for line in text.splitlines()
        if line.startswith("data: ")
    ]
