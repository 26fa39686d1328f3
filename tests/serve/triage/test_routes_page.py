"""The desk page as HTML and its forms, without a browser; tests/e2e looks at it with one."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from deskclient import API, finished, upload
from fastapi.testclient import TestClient
from waiting import MakeClient

import serve
from serve.desktext import DESK

SCRIPTS = sorted((Path(serve.__file__).parent / "web" / "static").glob("triage*.js"))
TEMPLATES = sorted((Path(serve.__file__).parent / "web" / "templates").glob("triage*.html"))


@pytest.fixture
def pages(client: TestClient) -> list[str]:
    job = finished(client)
    return ["/triage", f"/triage/jobs/{job}", "/triage/key"]


def test_chinese_first_english_by_choice(client: TestClient, pages: list[str]) -> None:
    for page in pages:
        assert '<html lang="zh-CN">' in client.get(page).text
        assert '<html lang="en">' in client.get(f"{page}?lang=en").text
    asked = client.get("/triage/key", headers={"Accept-Language": "en-GB"})
    assert '<html lang="en">' in asked.text


def test_nothing_inline_and_nothing_from_elsewhere(client: TestClient, pages: list[str]) -> None:
    for page in pages:
        response = client.get(page)
        assert "'unsafe-inline'" not in response.headers["content-security-policy"]
        text = response.text
        assert not re.search(r"(src|href|action)=\"(https?:)?//", text)
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)
        assert not re.search(r"<[^>]*\s(on\w+|style)=", text)
        for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', text):
            assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_never_make_markup_or_code_out_of_text(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", source)
    assert not re.search(r"new Function|https?://(?!www\.w3\.org/2000/svg)", source)
    for address in re.findall(r'from "\./([^"]+)"', source):
        assert (path.parent / address).exists()


def test_every_word_that_is_used_exists_and_every_word_is_used() -> None:
    used: set[str] = set()
    for path in SCRIPTS:
        source = path.read_text(encoding="utf-8")
        used |= set(re.findall(r"\bwords\.(\w+)", source)) | set(re.findall(r"\"(\w+)\"", source))
        for start in re.findall(r"words\[`(\w+?)\$", source):
            used |= {key for key in DESK["zh"] if key.startswith(start)}
        assert set(re.findall(r"\bwords\.(\w+)", source)) <= DESK["zh"].keys()
        assert set(re.findall(r"\bsay\(\"(\w+)\"", source)) <= DESK["zh"].keys()
    for path in TEMPLATES:
        source = path.read_text(encoding="utf-8")
        used |= set(re.findall(r"\bt\.(\w+)", source))
        for start in re.findall(r"t\[\"(\w+)\"", source):
            used |= {key for key in DESK["zh"] if key.startswith(start)}
    assert DESK["zh"].keys() - used == set()


def test_both_languages_have_the_same_words() -> None:
    assert DESK["zh"].keys() == DESK["en"].keys()
    for key, words in DESK["zh"].items():
        names = [set(re.findall(r"{(\w+)}", text)) for text in (words, DESK["en"][key])]
        assert names[0] == names[1], key


def test_the_words_reach_the_scripts_unharmed(client: TestClient) -> None:
    for language in ("zh", "en"):
        page = client.get(f"/triage?lang={language}").text
        found = re.search(r'data-words="([^"]*)"', page)
        assert found
        assert json.loads(html.unescape(found[1])) == DESK[language]  # type: ignore[index]


def test_a_hostile_name_of_a_file_is_no_markup(client: TestClient) -> None:
    name = '"><img src=x onerror=alert(1)>.csv'
    job = upload(client, name=name).json()["job"]
    assert job["name"] == name
    for page in ("/triage", f"/triage/jobs/{job['id']}"):
        assert "<img" not in client.get(page).text
    exported = client.get(f"{API}/{job['id']}/export", params={"format": "csv"})
    assert '"' not in exported.headers["content-disposition"]


def test_a_page_of_a_job_that_is_not_there(client: TestClient) -> None:
    assert client.get("/triage/jobs/nothing").status_code == 404
    assert client.get("/triage/jobs/%3Cscript%3E").status_code == 404


def test_the_form_saves_the_filtered_view(client: TestClient) -> None:
    job = finished(client)
    form = {"format": "csv", "q": "门口", "label": "", "sort": "severity", "order": "desc"}
    response = client.post(f"/triage/jobs/{job}/export", data=form)
    assert response.status_code == 200
    lines = response.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "门口" in lines[1]


@pytest.mark.parametrize(
    ("form", "code", "field"),
    [
        ({"format": "pdf"}, "not_an_option", "format"),
        ({"q": "x"}, "missing_field", "format"),
        ({"format": "csv", "cluster": "x"}, "wrong_type", "cluster"),
        ({"format": "csv", "size": "3"}, "unknown_field", "size"),
    ],
)
def test_the_form_names_what_is_wrong(
    client: TestClient, form: dict[str, str], code: str, field: str
) -> None:
    job = finished(client)
    error = client.post(f"/triage/jobs/{job}/export", data=form).json()["error"]
    assert (error["code"], error["field"]) == (code, field)


def test_a_key_is_kept_where_scripts_cannot_read_it(make_client: MakeClient) -> None:
    client = make_client(host="192.0.2.1")
    store = client.app.state.desk.store  # type: ignore[attr-defined]
    _, token = store.create_key("王警官", ["triage", "review"])
    asked = client.get("/triage", headers={"Accept": "text/html"}, follow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (303, "/triage/key")
    assert client.get(API).status_code == 401
    wrong = client.post("/triage/key", data={"key": token[:-1] + "x"})
    assert wrong.status_code == 403
    assert DESK["zh"]["key_wrong"] in wrong.text
    assert token[:-1] not in wrong.text
    right = client.post("/triage/key?lang=en", data={"key": f" {token} "}, follow_redirects=False)
    assert (right.status_code, right.headers["location"]) == (303, "/triage?lang=en")
    cookie = right.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert client.get(API).status_code == 200
    job = upload(client).json()["job"]["id"]
    assert 'value="王警官" readonly' in client.get(f"/triage/jobs/{job}").text
    form = {"Content-Type": "application/x-www-form-urlencoded"}  # as a browser sends it
    left = client.post("/triage/leave", headers=form, follow_redirects=False)
    assert left.headers["location"] == "/triage/key?lang=zh"
    assert client.get(API).status_code == 401


def test_a_key_without_the_role_does_not_open_the_desk(make_client: MakeClient) -> None:
    client = make_client(host="192.0.2.1")
    store = client.app.state.desk.store  # type: ignore[attr-defined]
    _, token = store.create_key("接口", ["classify"])
    response = client.post("/triage/key", data={"key": token})
    assert response.status_code == 403
    assert "set-cookie" not in response.headers


def test_landmarks_and_live_regions(client: TestClient, pages: list[str]) -> None:
    page = client.get(pages[1]).text
    assert page.count("<h1") == 1
    assert 'role="tablist"' in page
    assert '<table id="rows"' in page
    assert "<caption" in page
    assert 'aria-live="polite"' in page
    for identifier in re.findall(r'(?:for|aria-labelledby|aria-controls)="([^"]+)"', page):
        assert f'id="{identifier}"' in page, identifier
