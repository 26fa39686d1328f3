"""50 marker texts on every way through the service: none is in a log line, in a file that nobody
asked for, or, once its batch is deleted, on any page of the database."""

from __future__ import annotations

import secrets
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "triage"))
from deskclient import API, upload
from fakes import FakeClassifier
from fastapi.testclient import TestClient
from waiting import wait_until
from watching import forms, found_below, found_in, log_lines, written_files

from serve.app import create_app
from serve.settings import Settings

COUNT = 50
FAIL = "爆"
MAPPING = {"text": "短信内容", "sender": "发送号码"}


class QuotingClassifier(FakeClassifier):
    """Fails upon some texts, with an error that quotes them."""

    def classify(self, texts: Any) -> Any:
        if any(FAIL in text for text in texts):
            raise ValueError(f"cannot read {texts}")
        return super().classify(texts)


@pytest.fixture
def markers() -> list[str]:
    """Return texts of which no part can be anywhere by chance."""
    return [f"标记{secrets.token_hex(8)}" for _ in range(COUNT)]


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder; the service's data, temporary files and home are in it."""
    for name in ("tmp", "home"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path / "tmp"))
    return tmp_path


def use_api_page_and_report(client: TestClient, texts: list[str]) -> None:
    """Send each text in every way that stores nothing, good and bad."""
    for text in texts:
        said = f"今天不还就在门口等你 {text}"
        message = {"text": said, "sender": text, "sent_at": "2026-03-01 23:30"}
        report = {"messages": [message], "title": text}
        form = {"text": said, "sender": text}
        octets = {"content-type": "image/png"}
        answers = [
            client.post("/v1/classify", json={"texts": [said]}),
            client.post("/v1/classify", json={"texts": [said], "explain": True}),
            client.post("/", data=form),
            client.post("/v1/report", json=report),
            client.post("/v1/report", json=report | {"format": "docx"}),
            client.post("/report", data=form | {"format": "pdf"}),
        ]
        assert [answer.status_code for answer in answers] == [200] * len(answers)
        refused = [
            client.post("/v1/classify", json={"texts": [said + FAIL]}),
            client.post("/", data={"text": said + FAIL}),
            client.post("/v1/classify", json={text: [text]}),
            client.post("/v1/classify", json={"texts": [said * 500]}),
            client.post("/v1/classify", content=text.encode(), headers=octets),
            client.post("/v1/screenshot", content=text.encode(), headers=octets),
            client.get(f"/{text}", params={"q": text}, headers={"user-agent": quoted(text)}),
            client.get(f"{API}/{text}"),
            client.post(API, content=b"x", headers={"x-filename": quoted(text)}),
        ]
        assert all(answer.status_code >= 400 for answer in refused)


def quoted(text: str) -> str:
    return text[2:]  # headers are ASCII


def use_the_desk(client: TestClient, texts: list[str], state: str = "done") -> str:
    """Send the texts as a file, read, search, review and export its rows; return the job's id."""
    lines = [f"{text},{text} 告诉你同事" for text in texts]
    content = "\n".join(["发送号码,短信内容", *lines, f"{texts[0]},  "])
    job: str = upload(client, content, name=f"{texts[0]}.csv").json()["job"]["id"]
    assert client.post(f"{API}/{job}/start", json={"mapping": MAPPING}).status_code == 200
    wait_until(lambda: client.get(f"{API}/{job}").json()["state"] == state, seconds=30)
    if state == "done":
        note = {"label": "harassment", "note": texts[1], "reviewer": texts[2]}
        gets = ("rows", "rows/1", "rows/1/reasons", "clusters", "summary", "bad", "events")
        answers = [
            client.post(f"{API}/{job}/rows/1/review", json=note),
            client.get(f"{API}/{job}/rows", params={"q": texts[3], "sender": texts[3]}),
            *(client.get(f"{API}/{job}/{path}") for path in gets),
            *(client.get(f"{API}/{job}/export", params={"format": f}) for f in ("csv", "xlsx")),
            client.post(f"/triage/jobs/{job}/export", data={"format": "csv", "q": texts[4]}),
            client.get(f"/triage/jobs/{job}"),
        ]
        assert {answer.status_code for answer in answers} == {200}
    return job


def test_no_text_is_anywhere_but_where_it_was_asked_for(
    folders: Path,
    markers: list[str],
    capfd: pytest.CaptureFixture[str],
) -> None:
    passing, kept = markers[:5], markers[5:]
    app = create_app(Settings(), QuotingClassifier())
    with log_lines() as lines, written_files() as written, TestClient(app) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        use_api_page_and_report(client, passing)
        assert found_below(folders, passing) == {}
        job = use_the_desk(client, kept[:35])
        broken = use_the_desk(client, [f"{text}{FAIL}" for text in kept[35:]], state="failed")

        data = folders / "data"
        stored = found_below(data, kept)
        assert stored[f"{job}.bin"] == 35, "the test sees texts where they are"
        assert sum(n for name, n in stored.items() if name.startswith("dunlens.sqlite")) > 35 - 1
        assert found_below(folders, passing) == {}
        assert found_below(folders / "tmp", markers) == found_below(folders / "home", markers) == {}

        for each in (job, broken):
            assert client.delete(f"{API}/{each}").status_code == 204
        names = {path.name for path in data.iterdir()}
        assert {"dunlens.sqlite", "dunlens.sqlite-wal"} <= names, "both are looked into"
        assert found_below(folders, markers) == {}
    assert found_below(folders, markers) == {}

    logged = "\n".join(lines)
    assert "POST /v1/classify 200" in logged
    assert "ValueError" in logged, "the error that quotes a text was logged, by its type"
    out, err = capfd.readouterr()
    assert found_in((logged + out + err).encode(), markers) == []
    nowhere = Path("/dev/null")
    outside = {path for path in written if folders not in path.parents} - {nowhere}
    assert outside == set(), "files are written nowhere else"
    assert any("dunlens-export-" in str(path) for path in written), "temporary files are seen"
    assert list((folders / "tmp").iterdir()) == []


def test_markers_are_found_in_every_form(tmp_path: Path, markers: list[str]) -> None:
    for number, form in enumerate(forms(markers[0])):
        (tmp_path / str(number)).write_bytes(b"\x00" + form + b"\xff")
    assert len(found_below(tmp_path, markers)) == len(forms(markers[0]))
