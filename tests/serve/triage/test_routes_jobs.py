"""/v1/triage/jobs: upload, columns, progress, stop and delete, and what is refused."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from deskclient import API, CSV, MAPPING, events, finished, started, upload
from fakes import FakeClassifier
from fastapi.testclient import TestClient
from waiting import MakeClient, wait_until


def problem(response: Any) -> tuple[int, str, str | None, Any]:
    error = response.json()["error"]
    assert error["message_zh"]
    assert error["message_en"]
    return response.status_code, error["code"], error["field"], error["limit"]


def test_an_upload_is_on_disk_and_its_columns_are_guessed(
    client: TestClient, tmp_path: Path
) -> None:
    response = upload(client)
    assert response.status_code == 201
    job, inspection = response.json()["job"], response.json()["inspection"]
    assert (tmp_path / "data" / "uploads" / f"{job['id']}.bin").read_bytes() == CSV.encode()
    assert (job["name"], job["state"], job["file_bytes"]) == (
        "投诉.csv",
        "uploaded",
        len(CSV.encode()),
    )
    assert inspection["headings"] == ["编号", "时间", "发送号码", "短信内容"]
    assert inspection["mapping"]["text"] == "短信内容"
    assert inspection["mapping"]["sender"] == "发送号码"
    assert inspection["preview"][0][3] == "请还款"
    again = client.get(f"{API}/{job['id']}/inspection").json()
    assert again == inspection


def test_a_job_runs_to_its_end(client: TestClient) -> None:
    job = client.get(f"{API}/{finished(client)}").json()
    assert (job["rows_total"], job["rows_done"], job["rows_bad"]) == (5, 5, 1)
    assert job["mapping"]["text"] == "短信内容"
    assert job["model"] == "fake-1"
    assert job["finished_at"] > job["started_at"]


def test_events_follow_a_job_to_its_end(client: TestClient) -> None:
    job_id = started(client)
    with client.stream("GET", f"{API}/{job_id}/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        text = "".join(response.iter_text())
    seen = events(text)
    assert seen[-1]["state"] == "done"
    assert seen[-1]["rows_done"] == 5
    assert [job["rows_done"] for job in seen] == sorted(job["rows_done"] for job in seen)


def test_events_end_when_the_server_stops(client: TestClient, make_client: MakeClient) -> None:
    gate = threading.Event()
    slow = make_client(FakeClassifier(gate=gate))
    job_id = started(slow)
    slow.app.state.closing.set()  # type: ignore[attr-defined]
    with slow.stream("GET", f"{API}/{job_id}/events") as response:
        assert response.read() == b""
    gate.set()


def test_stop_and_go_on(make_client: MakeClient) -> None:
    gate = threading.Event()
    client = make_client(FakeClassifier(gate=gate))
    job_id = started(client)
    stopped = client.post(f"{API}/{job_id}/cancel", json={})
    assert stopped.json()["state"] == "cancelled"
    again = client.post(f"{API}/{job_id}/cancel", json={})
    assert problem(again) == (409, "wrong_state", "state", "queued | running")
    gate.set()
    resumed = client.post(f"{API}/{job_id}/start", json={})
    assert resumed.json().get("state") == "queued", resumed.text
    wait_until(lambda: client.get(f"{API}/{job_id}").json()["state"] == "done", seconds=30)
    assert client.get(f"{API}/{job_id}").json()["rows_done"] == 5


def test_delete_leaves_nothing(client: TestClient, tmp_path: Path) -> None:
    job_id = finished(client)
    assert client.delete(f"{API}/{job_id}").status_code == 204
    assert client.get(f"{API}/{job_id}").status_code == 404
    assert client.get(API).json() == {"jobs": []}
    kept = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert not [path for path in kept if path.suffix == ".bin"]
    for path in kept:
        assert "门口等你".encode() not in path.read_bytes(), path
    assert problem(client.delete(f"{API}/{job_id}"))[:2] == (404, "job_not_found")


def test_jobs_are_listed_newest_first(client: TestClient) -> None:
    for name in ("一.csv", "二.csv"):
        upload(client, name=name)
    assert [job["name"] for job in client.get(API).json()["jobs"]] == ["二.csv", "一.csv"]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-Filename": "a.csv"}, (415, "unsupported_media_type", "Content-Type")),
        ({"Content-Type": "text/csv"}, (415, "unsupported_media_type", "Content-Type")),
        ({"Content-Type": "application/octet-stream"}, (422, "missing_field", "X-Filename")),
        (
            {"Content-Type": "application/octet-stream", "X-Filename": "%ff"},
            (422, "invalid", "X-Filename"),
        ),
        (
            {"Content-Type": "application/octet-stream", "X-Filename": "a" * 201},
            (422, "text_too_long", "X-Filename"),
        ),
        (
            {"Content-Type": "application/octet-stream", "X-Filename": "%2F"},
            (422, "invalid", "X-Filename"),
        ),
    ],
)
def test_uploads_that_are_refused(
    client: TestClient, headers: dict[str, str], expected: tuple[int, str, str]
) -> None:
    response = client.post(API, content=CSV.encode(), headers=headers)
    assert problem(response)[:3] == expected


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_a_file_over_the_limit_is_refused_and_not_kept(
    make_client: MakeClient, tmp_path: Path, declared: bool
) -> None:
    client = make_client(max_upload_bytes=1024)
    content = b"x" * 1025 if declared else iter([b"x" * 600, b"x" * 600])
    response = client.post(
        API,
        content=content,
        headers={"Content-Type": "application/octet-stream", "X-Filename": "a.csv"},
    )
    assert problem(response) == (413, "body_too_large", "file", 1024)
    assert not [
        path for path in (tmp_path / "data" / "uploads").iterdir() if path.suffix != ".lock"
    ]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"\x00\x01\x02\xff" * 50])
def test_a_file_that_cannot_be_read_is_refused_in_both_languages(
    client: TestClient, tmp_path: Path, content: bytes
) -> None:
    response = upload(client, content, name="a.xlsx" if content[:2] == b"PK" else "a.csv")
    assert response.status_code == 422
    error = response.json()["error"]
    assert error["message"] == error["message_zh"] != error["message_en"]
    assert error["field"]
    assert client.get(API).json() == {"jobs": []}
    assert not list((tmp_path / "data" / "uploads").glob("*.bin"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"mapping": {"text": "没有"}}, (422, "not_a_heading", "mapping.text", 4)),
        (
            {"mapping": {"text": "短信内容", "sender": "没有"}},
            (422, "not_a_heading", "mapping.sender", 4),
        ),
        ({"mapping": {}}, (422, "missing_field", "mapping.text", None)),
        ({"mapping": {"text": ""}}, (422, "blank_text", "mapping.text", 1)),
        ({"mapping": {"text": 3}}, (422, "wrong_type", "mapping.text", "string")),
        ({"mapping": MAPPING | {"x": "y"}}, (422, "unknown_field", "mapping.x", None)),
        ({}, (422, "missing_field", "mapping", None)),
        ([], (422, "wrong_type", "body", "object")),
    ],
)
def test_columns_that_are_refused(
    client: TestClient, body: Any, expected: tuple[int, str, str, Any]
) -> None:
    job_id = upload(client).json()["job"]["id"]
    assert problem(client.post(f"{API}/{job_id}/start", json=body)) == expected


def test_a_job_cannot_be_started_twice(client: TestClient) -> None:
    job_id = finished(client)
    again = client.post(f"{API}/{job_id}/start", json={"mapping": MAPPING})
    assert problem(again) == (409, "wrong_state", "state", "uploaded | cancelled | failed")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/start"),
        ("POST", "/cancel"),
        ("GET", "/events"),
        ("GET", "/inspection"),
        ("GET", "/rows"),
        ("GET", "/rows/1"),
        ("GET", "/rows/1/reasons"),
        ("POST", "/rows/1/review"),
        ("POST", "/rows/1/undo"),
        ("GET", "/clusters"),
        ("GET", "/clusters/1"),
        ("GET", "/summary"),
        ("GET", "/bad"),
        ("GET", "/export?format=csv"),
    ],
)
def test_a_job_that_is_not_there(client: TestClient, method: str, path: str) -> None:
    body = {"mapping": MAPPING} if path == "/start" else {}
    body = {"label": "harassment"} if path.endswith("/review") else body
    asked = client.request(method, f"{API}/nothing{path}", json=body if method == "POST" else None)
    assert problem(asked)[:3] == (404, "job_not_found", "job_id")
    english = client.request(
        method,
        f"{API}/nothing{path}",
        json=body if method == "POST" else None,
        headers={"Accept-Language": "en"},
    )
    assert english.json()["error"]["message"].startswith("there is no such job")


@pytest.mark.parametrize("path", ["/start", "/cancel", "/rows/1/review", "/rows/1/undo"])
def test_forms_of_other_sites_are_refused(client: TestClient, path: str) -> None:
    job_id = upload(client).json()["job"]["id"]
    response = client.post(f"{API}/{job_id}{path}", data={"label": "harassment"})
    assert problem(response)[:2] == (415, "unsupported_media_type")


def test_no_name_and_no_text_is_logged(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    job_id = finished(client)
    client.get(f"{API}/{job_id}/rows", params={"q": "门口等你", "sender": "1069002"})
    upload(client, b"\x00\x01", name="机密.csv")
    logged = caplog.text
    assert "/v1/triage/jobs/{job_id}/rows 200" in logged
    for private in ("门口等你", "1069002", "投诉", "机密", quote("门口等你"), job_id):
        assert private not in "".join(
            line
            for line in logged.splitlines()
            if " httpx" not in line and "HTTP Request" not in line
        )
