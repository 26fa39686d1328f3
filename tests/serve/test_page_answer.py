"""What the page shows after the label: words, law, findings, steps, evidence; without a browser."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from model.law import Answer, Facts, answer
from serve.pagetext import FACT_NAMES, FACT_OPTIONS

HOSTILE = "不还就在门口等你，告诉你同事，不要脸"
LABELS = ("threat_extortion", ["privacy_disclosure", "harassment"])


def shown(client: TestClient, language: str = "zh", **form: str) -> str:
    response = client.post(f"/?lang={language}", data={"text": HOSTILE} | form)
    assert response.status_code == 200
    return html.unescape(response.text)


def test_the_deciding_words_are_marked_and_named(client: TestClient) -> None:
    page = shown(client)
    words = re.search(r'<div class="words".*?>(.*?)</div>', page, re.DOTALL)
    assert words
    assert '<mark class="threat_extortion">门口等你<span class="tag"' in words[1]
    assert re.sub(r'<span class="tag".*?</span>|<.*?>', "", words[1]) == HOSTILE
    tags = re.findall(r'<span class="tag" lang="zh-CN">(.*?)</span>', words[1])
    assert tags == ["[威胁]", "[泄露隐私]", "[骚扰]"]
    assert '<span class="tag" lang="en">[threat]</span>' in shown(client, "en")


def test_the_marked_text_is_escaped_and_keeps_its_lines(client: TestClient) -> None:
    page = client.post("/", data={"text": "<b>门口等你</b>\r\n  第二行&amp;"}).text
    assert '&lt;b&gt;<mark class="threat_extortion">门口等你<span' in page
    assert "&lt;/b&gt;\n  第二行&amp;amp;</div>" in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_in_the_answer_is_shown_with_its_status(
    client: TestClient, language: str
) -> None:
    facts = {"received_at": "23:30", "recipient": "third_party", "beyond_debt": "true"}
    page = shown(client, language, **facts)
    stated = Facts(received_at="23:30", recipient="third_party", beyond_debt=True)  # type: ignore[arg-type]
    expected = answer(*LABELS, stated, HOSTILE)
    assert len(expected.provisions) > 3
    assert expected.findings
    for words in every_text(expected):
        assert words[language] in page, words
    assert "构成" not in re.sub(r"不构成|是否构成", "", page.split('id="result"')[1])


def every_text(found: Answer) -> list[dict[str, str]]:
    """Return all that an answer says, each in both languages."""
    texts: list[dict[str, str]] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict) and set(value) == {"zh", "en"}:
            texts.append(value)
        elif isinstance(value, dict):
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(found.model_dump(mode="json", exclude={"sources"}))
    assert len(texts) > 50
    return texts


def test_help_comes_first_where_harm_is_threatened(client: TestClient) -> None:
    page = shown(client)
    urgent = page.index(answer(*LABELS, None, HOSTILE).urgent.zh)  # type: ignore[union-attr]
    assert urgent < page.index("把握</dt>")
    assert page.index('href="tel:110"') < page.index('href="tel:123')
    reminder = client.post("/", data={"text": "请还款"}).text
    assert "notice urgent" not in reminder
    assert "欠款本身" in reminder


def test_numbers_that_were_not_checked_say_so(client: TestClient) -> None:
    page = shown(client)
    numbers = re.findall(r'tel:(\d+)">\d+</a>\s*(<small>)?', page)
    assert dict(numbers)["110"] == ""
    assert dict(numbers)["12378"] == "<small>"


def test_a_line_for_somebody_in_despair(client: TestClient) -> None:
    assert "12356" in client.post("/", data={"text": "不要脸，你怎么不去死"}).text
    assert "12356" not in client.post("/", data={"text": "不要脸"}).text


def test_facts_add_findings_and_stay_in_the_form(client: TestClient) -> None:
    form = {"text": "请还款", "received_at": "23:30", "count_today": "12", "recipient": "debtor"}
    plain, stated = client.post("/", data={"text": "请还款"}).text, client.post("/", data=form).text
    assert "根据补充情况" not in plain
    assert '<details class="facts" id="facts">' in plain
    assert "根据补充情况" in stated
    assert "合法提醒" in stated, "a finding stands beside the label"
    assert '<details class="facts" id="facts" open>' in stated
    assert 'value="23:30"' in stated
    assert '<option value="debtor" selected>' in stated


def test_blank_facts_state_nothing(client: TestClient) -> None:
    blank = dict.fromkeys(FACT_NAMES["zh"], "")
    expected = client.post("/", data={"text": "请还款"}).text
    assert client.post("/", data={"text": "请还款"} | blank).text == expected


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("count_today", "0", "当天对方联系了几次 至少为 1"),
        ("count_today", "10001", "最多为 10000"),
        ("count_today", "9" * 50, "当天对方联系了几次"),
        ("count_today", "三", "integer"),
        ("received_at", "25:00", "HH:MM"),
        ("received_on", "2026-02-30", "YYYY-MM-DD"),
        ("recipient", "nobody", "debtor | guarantor | third_party"),
        ("beyond_debt", "maybe", "true | false"),
    ],
)
def test_a_wrong_fact_is_named_with_its_bound_and_marked(
    client: TestClient, name: str, value: str, words: str
) -> None:
    response = client.post("/", data={"text": "请还款", name: value})
    assert response.status_code == 422
    assert words in response.text
    assert FACT_NAMES["zh"][name].split("（")[0] in response.text.split('id="error"')[1]
    field = re.search(rf'<(input|select) id="{name}"[^>]*>', response.text)
    assert field
    assert 'aria-invalid="true"' in field[0]
    assert 'aria-describedby="facts-hint error"' in field[0]
    assert response.text.count('aria-invalid="true"') == 1
    assert "请还款</textarea>" in response.text, "what was filled in is not lost"


def test_the_form_has_every_fact() -> None:
    assert set(FACT_NAMES["zh"]) == set(Facts.model_fields)
    choices = set(FACT_OPTIONS["zh"]["recipient"]) - {""}
    recipient = Facts.model_json_schema()["properties"]["recipient"]["anyOf"][0]
    assert choices == set(recipient["enum"])


def test_out_of_scope_has_help_but_no_law(client: TestClient) -> None:
    page = client.post("/", data={"text": "晚上一起吃火锅吗"}).text
    assert "<mark" not in page
    assert "可能相关的规定" not in page
    assert 'href="tel:110"' in page


def test_a_long_text_can_be_scrolled_with_the_keyboard(client: TestClient) -> None:
    assert re.search(r'class="words long"[^>]*tabindex="0"', shown(client, text="还款。" * 300))
    assert 'class="words"' in shown(client)
