"""Every route answers with the security headers, to no other site, and without inline script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from waiting import MakeClient

from serve.middleware import HEADERS
from serve.routes.pages import DOCS_POLICY

OWN = {"/docs": {"Content-Security-Policy": DOCS_POLICY}, "/static/{name}": {"Cache-Control": None}}
FOREIGN = {"origin": "https://evil.example"}


def routes(app: Any) -> list[tuple[str, str]]:
    return [(m, c.path) for c in iter_route_contexts(app.routes) for m in sorted(c.methods or ())]


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_every_route_has_the_headers(make_client: MakeClient, host: str) -> None:
    client = make_client(host=host)
    found = routes(client.app)
    assert len(found) > 20
    for method, path in found:
        url = path.replace("{name}", "style.css").replace("{number}", "1")
        answer = client.request(method, url, headers=FOREIGN, follow_redirects=False)
        expected = HEADERS | (OWN.get(path, {}) if answer.status_code == 200 else {})
        for name, value in expected.items():
            assert value is None or answer.headers.get(name) == value, (method, path, name)
        assert "server" not in answer.headers


def test_no_other_site_may_read_an_answer(client: TestClient) -> None:
    ask = FOREIGN | {
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    for method, path in routes(client.app):
        for answer in (
            client.request(method, path, headers=FOREIGN, follow_redirects=False),
            client.options(path, headers=ask),
        ):
            allowed = [name for name in answer.headers if name.startswith("access-control-")]
            assert allowed == [], (method, path)
            assert client.options(path, headers=ask).status_code >= 400


@pytest.mark.parametrize("policy", [HEADERS["Content-Security-Policy"], DOCS_POLICY])
def test_the_policy_lets_no_inline_script_and_no_third_party_in(policy: str) -> None:
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert parts["default-src"] == "'none'"
    assert parts["script-src"] == "'self'"
    assert parts["frame-ancestors"] == parts["base-uri"] == "'none'"
    assert "http" not in policy
    assert "unsafe-eval" not in policy


@pytest.mark.parametrize("path", ["/", "/?lang=en", "/triage", "/triage/key", "/docs"])
def test_pages_hold_no_inline_script_and_load_nothing_from_elsewhere(
    client: TestClient, path: str
) -> None:
    html = client.get(path).text
    for script in re.findall(r"<script\b([^>]*)>(.*?)</script>", html, re.S):
        assert "src=" in script[0]
        assert script[1].strip() == ""
    assert not re.search(r"\son\w+\s*=", re.sub(r">[^<]*<", "><", html))
    assert "javascript:" not in html
    loaded = re.findall(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"([^\"]*)\"", html)
    assert loaded
    assert all(address.startswith("/") and not address.startswith("//") for address in loaded)
