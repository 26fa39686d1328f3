"""What SECURITY.md says of upload names, key checks and the artifact's formats."""

from __future__ import annotations

import hmac
from pathlib import Path
from urllib.parse import quote

import pytest
from fake_server import ROOT
from fastapi.testclient import TestClient

from serve.triage import keys
from serve.triage.store import Store

JOBS = "/v1/triage/jobs"
SHOWN = {
    "../../../etc/cron.d/x.csv": "x.csv",
    "/etc/hosts": "hosts",
    "..\\..\\windows\\x.csv": "x.csv",
    "a\x00b.csv": "ab.csv",
    "投诉\u202evsc.exe": "投诉vsc.exe",
    "x\r\nset-cookie: a=b.csv": "xset-cookie: a=b.csv",
    "..": "..",
}


@pytest.mark.parametrize("name", SHOWN)
def test_the_name_of_an_upload_is_never_a_path(
    client: TestClient, tmp_path: Path, name: str
) -> None:
    headers = {"content-type": "application/octet-stream", "x-filename": quote(name, safe="")}
    taken = client.post(JOBS, content="短信内容\n请还款\n".encode(), headers=headers)
    job = taken.json()["job"]
    assert job["name"] == SHOWN[name]
    files = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert {file for file in files if "sqlite" not in file} == {f"{job['id']}.bin", "runner.lock"}
    export = client.get(f"{JOBS}/{job['id']}/export", params={"format": "csv"})
    said = export.headers["content-disposition"]
    assert said.startswith("attachment; filename*=UTF-8''")
    assert not set('/\\\r\n"') & set(said.removeprefix("attachment; filename*=UTF-8''"))


@pytest.mark.parametrize("path", ["../runner", "..%2Frunner", "%2e%2e%2frunner.lock", "%00"])
def test_no_path_comes_from_an_address(client: TestClient, tmp_path: Path, path: str) -> None:
    before = {file for file in tmp_path.rglob("*") if "sqlite" not in file.name}
    assert client.delete(f"{JOBS}/{path}").status_code in (404, 405)
    assert client.get(f"/static/{path}").status_code == 404
    assert {file for file in tmp_path.rglob("*") if "sqlite" not in file.name} == before


def test_secrets_are_compared_as_hashes_in_constant_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "a.sqlite")
    _, token = store.create_key("k", ["classify"])
    compared: list[tuple[bytes, bytes]] = []
    compare = hmac.compare_digest

    def noting(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(keys.hmac, "compare_digest", noting)
    wrong_at_once, wrong_at_the_end = token[:-43] + "x" * 43, token[:-1] + "~"
    assert store.check_token(token)
    assert store.check_token(wrong_at_once) is None
    assert store.check_token(wrong_at_the_end) is None
    assert [{len(one), len(other)} for one, other in compared] == [{32}] * 3
    assert all(token.encode() not in pair for pair in compared)
    store.close()


def test_the_artifact_holds_no_format_that_runs_code() -> None:
    for file in (ROOT / "model" / "artifact").iterdir():
        assert file.suffix in {".json", ".safetensors", ".onnx", ".txt", ".md"}, file.name
        assert file.read_bytes()[:2] not in (b"\x80\x02", b"\x80\x04", b"PK"), file.name
