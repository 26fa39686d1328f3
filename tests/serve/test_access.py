"""Keys and roles on addresses that others reach; foreign hosts and sites on our own."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeClassifier
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from waiting import MakeClient

from serve.access import COOKIE, KEY_PAGE, LOCAL, Caller, Tokens, roles_for
from serve.server import SettingsError, load_settings, run
from serve.triage.jobstore import now
from serve.triage.keys import ROLES, Role
from serve.triage.store import Store, open_store

OPEN = {"/healthz", "/readyz", "/static/{name}", KEY_PAGE}


@pytest.fixture
def remote(make_client: MakeClient) -> TestClient:
    """Return a client of an application that other machines can reach."""
    return make_client(host="0.0.0.0")


def store_of(client: TestClient) -> Store:
    found: Store = client.app.state.desk.store  # type: ignore[attr-defined]
    return found


def bearer(client: TestClient, *roles: str, **more: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {store_of(client).create_key('k', roles, **more)[1]}"}


def classify(client: TestClient, headers: dict[str, str]) -> int:
    answer = client.post("/v1/classify", json={"texts": ["还款"]}, headers=headers)
    return int(answer.status_code)


def test_every_route_but_health_and_files_asks_for_a_key(remote: TestClient) -> None:
    app: Any = remote.app
    routes = [(m, c.path) for c in iter_route_contexts(app.routes) for m in c.methods or ()]
    assert len(routes) > 20
    for method, path in routes:
        answer = remote.request(method, path, follow_redirects=False)
        if path in OPEN:
            assert answer.status_code != 401, path
        else:
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"] == "Bearer"


def test_a_path_that_nobody_thought_of_is_for_admins(remote: TestClient) -> None:
    headers = bearer(remote, "classify", "triage", "review")
    assert remote.get("/v2/new", headers=headers).status_code == 403
    assert remote.get("/v2/new", headers=bearer(remote, "admin")).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/static/../v1/classify", "//v1/classify", "/static/%2e%2e/v1/classify", "/V1/classify"],
)
def test_no_way_around(remote: TestClient, path: str) -> None:
    assert remote.post(path, json={"texts": ["x"]}).status_code in (401, 404, 405)


def test_roles(remote: TestClient) -> None:
    jobs = "/v1/triage/jobs"
    for role, may_classify, may_triage in (
        ("classify", True, False),
        ("triage", False, True),
        ("review", False, True),
        ("admin", True, True),
    ):
        headers = bearer(remote, role)
        assert classify(remote, headers) == (200 if may_classify else 403), role
        found = remote.get(jobs, headers=headers).status_code
        assert found == (200 if may_triage else 403), role
    refused = remote.get(jobs, headers=bearer(remote, "classify")).json()["error"]
    assert (refused["code"], refused["limit"]) == ("role_missing", "triage | review")


def test_a_role_opens_no_more_than_its_part(remote: TestClient) -> None:
    headers = bearer(remote, "review")
    assert remote.delete("/v1/triage/jobs/x", headers=headers).status_code == 403
    assert remote.post("/v1/triage/jobs", headers=headers).status_code == 403
    assert remote.delete("/v1/triage/jobs/x", headers=bearer(remote, "triage")).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer nonsense"},
        {"authorization": "Basic YTpi"},
        {"authorization": "Bearer "},
        {"authorization": "Bearer dunlens_00_ü".encode()},
        {"cookie": f"{COOKIE}=nonsense"},
        {"x-forwarded-for": "127.0.0.1", "host": "127.0.0.1"},
    ],
)
def test_what_is_no_key_opens_nothing(remote: TestClient, headers: Any) -> None:
    assert classify(remote, headers) == 401


def test_expired_and_revoked_keys(remote: TestClient) -> None:
    store = store_of(remote)
    headers = bearer(remote, "classify", expires_at=now() + timedelta(hours=1))
    assert classify(remote, headers) == 200
    [key] = store.keys().values()
    assert store.revoke_key(key.id)
    assert classify(remote, headers) == 401  # at once, although its hash is remembered


def test_expiry_holds_for_a_remembered_key(
    remote: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = bearer(remote, "classify", expires_at=now() + timedelta(hours=1))
    assert classify(remote, headers) == 200
    monkeypatch.setattr("serve.access.no_earlier", lambda: now() + timedelta(hours=2))
    assert classify(remote, headers) == 401


def test_a_remembered_key_is_hashed_once_and_no_wrong_one_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "a.sqlite")
    _, token = store.create_key("k", ["classify"])
    hashed = []
    check = store.check_token
    monkeypatch.setattr(store, "check_token", lambda t: (hashed.append(t), check(t))[1])

    async def ask() -> list[bool]:
        tokens = Tokens()
        return [await tokens.key(store, t) is not None for t in (token, token, "x", "x", token)]

    assert asyncio.run(ask()) == [True, True, False, False, True]
    assert hashed == [token, "x", "x"]
    store.close()


def test_a_browser_is_shown_the_page_for_the_key(remote: TestClient) -> None:
    html = {"accept": "text/html,*/*"}
    for path in ("/", "/triage", "/docs"):
        answer = remote.get(path, headers=html, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"] == KEY_PAGE
    assert remote.get(KEY_PAGE, headers=html).status_code == 200


def test_a_cookie_is_as_good_as_a_header(remote: TestClient) -> None:
    token = bearer(remote, "classify")["authorization"].removeprefix("Bearer ")
    assert classify(remote, {"cookie": f"{COOKIE}={token}"}) == 200


def test_nobody_needs_a_key_on_this_machine(client: TestClient) -> None:
    assert classify(client, {}) == 200
    assert classify(client, {"authorization": "Bearer nonsense"}) == 200
    assert client.get("/v1/triage/jobs").status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("[::1]:8000", 200),
        ("testserver", 200),  # set as DUNLENS_ALLOWED_HOSTS
        ("evil.example", 421),
        ("127.0.0.1.evil.example:8000", 421),
        ("", 421),
    ],
)
def test_a_name_that_was_made_to_point_here_is_refused(
    client: TestClient, host: str, status: int
) -> None:
    assert classify(client, {"host": host}) == status


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_cannot_send_forms_here(client: TestClient, site: str) -> None:
    headers = {"sec-fetch-site": site}
    assert classify(client, headers) == 403
    assert client.post("/", data={"text": "还款"}, headers=headers).status_code == 403
    assert client.get("/", headers=headers).status_code == 200  # a link may lead here
    assert classify(client, {"sec-fetch-site": "same-origin"}) == 200


def test_refusals_name_no_token(remote: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    _, token = store_of(remote).create_key("k", ["triage"])
    answer = remote.post("/v1/classify", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    assert token not in answer.text + caplog.text


@pytest.mark.parametrize("expired", [False, True])
def test_other_addresses_need_a_key_that_still_holds(expired: bool, tmp_path: Path) -> None:
    settings = load_settings(host="192.0.2.1", data_dir=tmp_path)  # an address of nobody
    if expired:
        store = open_store(settings)
        store.revoke_key(store.create_key("k", ["admin"])[0].id)
        store.close()
    with pytest.raises(SettingsError, match="dunlens keys create"):
        run(settings, FakeClassifier())


def test_with_a_key_another_address_is_tried(tmp_path: Path) -> None:
    settings = load_settings(host="192.0.2.1", data_dir=tmp_path)
    store = open_store(settings)
    store.create_key("k", ["admin"])
    store.close()
    assert run(settings, FakeClassifier()) == 1  # this machine has not that address


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingsError, match="DUNLENS_DATA_DIR"):
        run(load_settings(data_dir=tmp_path / "file"), FakeClassifier())
    with pytest.raises(SettingsError, match="DUNLENS_DATABASE_URL"):
        run(load_settings(data_dir=tmp_path, database_url="mysql://x"), FakeClassifier())


def test_who_may_what() -> None:
    assert roles_for("/") == ("classify",)
    assert roles_for("/v1/triage/jobs") == ("triage", "review")
    assert roles_for("/anything") == ("admin",)
    assert LOCAL.may("triage")
    everybody: tuple[Role, ...] = ROLES
    assert all(Caller("k", "k", ("admin",)).may(role) for role in everybody)
    assert not Caller("k", "k", ("review",)).may("triage", "classify")
