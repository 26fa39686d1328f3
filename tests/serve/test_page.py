"""The page as HTML, without a browser; tests/e2e looks at it with one."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from serve.pagetext import EXAMPLES, FACT_NAMES, FACT_OPTIONS, PAGE
from serve.routes.pages import page
from serve.wording import CONFIDENCE, LABELS, MEANINGS, REVIEWS, TAGS, TIERS, confidence_word


def test_first_visit_is_chinese_with_an_english_switch(client: TestClient) -> None:
    chinese = client.get("/").text
    assert '<html lang="zh-CN">' in chinese
    assert 'href="/?lang=en"' in chinese
    english = client.get("/?lang=en").text
    assert '<html lang="en">' in english
    assert "What kind of collection message" in english
    assert 'action="/?lang=en#result"' in english
    assert '<html lang="zh-CN">' in client.get("/?lang=xx").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_word_of_the_page_is_on_it(client: TestClient, language: str) -> None:
    shown = client.get(f"/?lang={language}").text
    hostile = {"text": "也许门口等你，同事，不要脸", "received_at": "23:30"}
    shown += client.post(f"/?lang={language}", data=hostile).text
    shown += client.post(f"/?lang={language}", data={"text": " "}).text
    for key, words in PAGE[language].items():  # type: ignore[index]
        if key != "remote":
            for piece in re.split(r"{\w+}", words):
                assert piece.strip() in html.unescape(shown), key
    assert "<built-in" not in shown


def test_a_threat_shows_its_label_the_110_line_and_also(client: TestClient) -> None:
    page = client.post("/", data={"text": "不还就在门口等你，告诉你同事"})
    assert page.status_code == 200
    assert "威胁、恐吓、敲诈勒索" in page.text
    assert "110" in page.text
    assert "另外可能有" in page.text
    assert "泄露隐私" in page.text
    assert "可能涉嫌" in page.text
    assert "高 <small>约 95%" in page.text
    assert "本结果不确定" not in page.text


def test_review_notice(client: TestClient) -> None:
    page = client.post("/?lang=en", data={"text": "也许请还款"}).text
    assert "This result is uncertain: confidence too low" in page
    assert ">low <small>about 55%" in page.replace("<dd>", ">")


def test_text_is_shown_again_and_escaped(client: TestClient) -> None:
    text = "\n</textarea><script>alert(1)</script> 请还款\r\n第二行"
    page = client.post("/", data={"text": text}).text
    assert "<script>alert" not in page
    # the first line end after <textarea> is dropped by browsers, so one stands before the text
    assert ">\n\n&lt;/textarea&gt;&lt;script&gt;" in page
    assert "请还款\n第二行</textarea>" in page


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("", 422, "不能为空白"),
        (" \r\n ", 422, "不能为空白"),
        ("好" * 4001, 422, "最多 4000 个字符"),
        ("😀" * 50_000, 422, "最多 4000 个字符"),
    ],
)
def test_wrong_input_is_explained_on_the_page(
    client: TestClient, text: str, status: int, words: str
) -> None:
    page = client.post("/", data={"text": text})
    assert page.status_code == status
    assert words in page.text
    assert "催收信息 " in page.text
    assert 'aria-describedby="hint error" aria-invalid="true"' in page.text
    assert '<p id="error">' in page.text
    assert "<mark" not in page.text


def test_line_ends_of_a_browser_do_not_count_twice(client: TestClient) -> None:
    assert client.post("/", data={"text": "还\r\n" * 2000}).status_code == 200


@pytest.mark.parametrize("body", [b"text=%ff%fe", b"text=%ED%A0%80", b"&&&", b"a=1&" * 50, b"\xff"])
def test_odd_forms_never_break_the_server(client: TestClient, body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/", content=body, headers=headers).status_code in (200, 422)


def test_other_form_encodings_are_refused(client: TestClient) -> None:
    assert client.post("/", files={"text": b"x"}).status_code == 415


@pytest.mark.parametrize("local", [True, False])
def test_privacy_note_says_what_is_true(local: bool) -> None:
    settings = SimpleNamespace(local_only=local)
    request: Any = SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(settings=settings)))
    shown = bytes(page(request, "zh", {}).body).decode()
    assert ("不上传" in shown) == local
    assert "不保存" in shown


def test_examples_fill_the_form(client: TestClient) -> None:
    for label, text in EXAMPLES.items():
        assert text in client.get("/", params={"example": label}).text
    assert client.get("/", params={"example": "nope"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/docs", "/?lang=en"])
def test_nothing_comes_from_elsewhere_and_no_script_is_inline(
    client: TestClient, path: str
) -> None:
    page = client.get(path).text
    assert not re.search(r"(src|href|action)=\"(https?:)?//", page)
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\s(on\w+|style)=", page)
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("name", ["..%2fapp.py", "__init__.py", "app.py", "nothing.css"])
def test_only_listed_files_are_served(client: TestClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_both_languages_have_the_same_words() -> None:
    for table in (PAGE, LABELS, REVIEWS, MEANINGS, TAGS, TIERS, FACT_NAMES, FACT_OPTIONS):
        assert table["zh"].keys() == table["en"].keys()
    for key in PAGE["zh"]:
        names = [set(re.findall(r"{(\w+)}", PAGE[x][key])) for x in ("zh", "en")]
        assert names[0] == names[1], key
    assert CONFIDENCE.keys() == PAGE.keys()


def test_landmarks_for_screen_readers(client: TestClient) -> None:
    page = client.post("/", data={"text": "请还款"}).text
    assert "<caption>" in page
    assert 'aria-describedby="hint">' in page
    assert "aria-live" not in page, "the focus moves to the result"
    assert "<h1>" in client.get("/docs").text


@pytest.mark.parametrize(
    ("confidence", "word"), [(1.0, "高"), (0.9, "高"), (0.89, "中等"), (0.7, "中等"), (0.69, "低")]
)
def test_confidence_in_words(confidence: float, word: str) -> None:
    assert confidence_word(confidence, "zh") == word
