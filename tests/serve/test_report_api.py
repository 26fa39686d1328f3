"""POST /v1/report and the form's POST /report: what they answer, and what they refuse."""

from __future__ import annotations

import asyncio
import hashlib
import html
import io
import json
import logging
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import docx
import pytest
from fakes import FakeClassifier
from fastapi.testclient import TestClient
from report_case import REMINDER, THREAT, document, pdf_text
from waiting import MakeClient

from serve.problems import ProblemError
from serve.report.document import Document
from serve.report.render import Renderer
from serve.report.schemas import MAX_REPORT_CHARS

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def ask(client: TestClient, *messages: Any, **more: Any) -> Any:
    full = [{"text": item} if isinstance(item, str) else item for item in messages]
    return client.post("/v1/report", json={"messages": full, **more})


def test_a_pdf_with_the_real_law(client: TestClient) -> None:
    response = ask(
        client,
        {
            "text": THREAT,
            "sent_at": "2026-11-20T23:05",
            "sender": "138****0000",
            "facts": {"recipient": "debtor", "beyond_debt": True},
        },
        {"text": REMINDER, "sent_at": "2026-11-18 10:00"},
        title="某案",
    )
    assert response.status_code == 200
    assert response.headers["content-type"] == PDF
    assert response.headers["content-disposition"] == ('attachment; filename="dunlens-report.pdf"')
    assert response.headers["cache-control"] == "no-store"
    said = pdf_text(response.content)
    for part in (THREAT, "某案", "治安管理处罚法", "条文已读", "fake-1", "对方索要不欠的钱款"):
        assert part in said
    assert said.index(REMINDER) < said.index("第2条·2026-11-2023:05")


def test_a_docx_in_english(client: TestClient) -> None:
    response = ask(client, THREAT, format="docx", language="en")
    assert response.status_code == 200
    assert response.headers["content-type"] == DOCX
    words = [p.text for p in docx.Document(io.BytesIO(response.content)).paragraphs]
    assert words[0] == "Report on collection messages"
    assert THREAT in words


@pytest.mark.parametrize("format", ["pdf", "docx"])
def test_the_same_request_gives_the_same_bytes(client: TestClient, format: str) -> None:
    message = {"text": THREAT, "sent_at": "2026-11-20"}
    first, second = (ask(client, message, format=format).content for _ in range(2))
    assert first == second


def test_equal_texts_are_read_once(make_client: MakeClient) -> None:
    classifier = FakeClassifier()
    client = make_client(classifier)
    before = len(classifier.calls)
    assert ask(client, *[THREAT] * 50).status_code == 200
    assert len(classifier.calls) == before + 1


@pytest.mark.parametrize(
    ("body", "code", "field", "limit"),
    [
        ({}, "missing_field", "messages", None),
        ({"messages": []}, "too_few_texts", "messages", 1),
        ({"messages": [{"text": "好"}] * 201}, "too_many_texts", "messages", 200),
        ({"messages": [{"text": "好"}], "lang": "zh"}, "unknown_field", "lang", None),
        ({"messages": [{"text": "好"}], "format": "odt"}, "not_an_option", "format", "pdf | docx"),
        ({"messages": [{"text": "好"}], "language": "fr"}, "not_an_option", "language", "zh | en"),
        ({"messages": [{"text": "好"}], "title": "好" * 101}, "text_too_long", "title", 100),
        ({"messages": ["好"]}, "wrong_type", "messages[0]", "object"),
        ({"messages": [{"text": " "}]}, "blank_text", "messages[0].text", 1),
        ({"messages": [{"text": "好" * 4001}]}, "text_too_long", "messages[0].text", 4000),
        ({"messages": [{"text": "\ud83d"}]}, "invalid_unicode", "messages[0].text", None),
        ({"messages": [{}]}, "missing_field", "messages[0].text", None),
        (
            {"messages": [{"text": "好", "sender": "好" * 101}]},
            "text_too_long",
            "messages[0].sender",
            100,
        ),
        (
            {"messages": [{"text": "好" * 4000}] * 26},
            "texts_too_long",
            "messages",
            MAX_REPORT_CHARS,
        ),
        (
            {"messages": [{"text": "好", "facts": {"recipient": "boss"}}]},
            "not_an_option",
            "messages[0].facts.recipient",
            "debtor | guarantor | third_party",
        ),
    ],
)
def test_refusals_name_the_field_and_the_limit(
    client: TestClient, body: Any, code: str, field: str, limit: Any
) -> None:
    headers = {"content-type": "application/json"}
    response = client.post("/v1/report", content=json.dumps(body), headers=headers)
    assert response.status_code == 422
    problem = response.json()["error"]
    assert (problem["code"], problem["field"], problem["limit"]) == (code, field, limit)
    assert problem["message_zh"]
    assert problem["message_en"]


@pytest.mark.parametrize(
    "moment", ["2026", "20261120", "2026-13-01", "2026-11-20 24:00", "2026-11-20T10:00Z", "昨天"]
)
def test_a_time_must_be_local_and_complete(client: TestClient, moment: str) -> None:
    problem = ask(client, {"text": "好", "sent_at": moment}).json()["error"]
    assert problem["code"] == "wrong_type"
    assert problem["field"] == "messages[0].sent_at"
    assert problem["limit"] == "date and time YYYY-MM-DD HH:MM"


def test_json_only(client: TestClient) -> None:
    assert client.post("/v1/report", content=b"x").status_code == 415


def test_the_model_must_be_ready(make_client: MakeClient) -> None:
    gate = threading.Event()

    class Loading(FakeClassifier):
        def classify(self, texts: Any) -> Any:
            gate.wait(20)
            return super().classify(texts)

    client = make_client(Loading(), ready=False)
    response = ask(client, "好")
    gate.set()
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "not_ready"


def test_no_text_is_logged(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ask(client, THREAT, title="秘密案名")
    client.post("/report", data={"text": THREAT})
    assert "/v1/report" in caplog.text
    assert not any(part in caplog.text for part in (THREAT[:6], "秘密"))


class TestForm:
    def test_a_file_for_the_text_and_its_facts(self, client: TestClient) -> None:
        response = client.post(
            "/report",
            data={
                "text": "不还就在门口等你\r\n今天",
                "received_on": "2026-11-20",
                "received_at": "23:05",
                "count_today": "7",
                "recipient": "",
                "beyond_debt": "true",
            },
        )
        assert response.status_code == 200
        assert response.headers["content-type"] == PDF
        said = pdf_text(response.content)
        assert "第1条·2026-11-2023:05" in said
        assert "当天同一方联系7次；对方索要不欠的钱款" in said

    def test_the_button_of_the_page_sends_what_the_page_shows(self, client: TestClient) -> None:
        text = "不还就在门口等你\n<b>\"&'</b>"
        page = client.post("/", data={"text": text, "received_on": "2026-11-20"}).text
        [form] = re.findall(r'<form class="report".*?</form>', page, re.DOTALL)
        assert 'action="/report"' in form
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
        fields = {name: html.unescape(value) for name, value in hidden}
        assert fields == {"lang": "zh", "text": text, "received_on": "2026-11-20"}
        assert re.findall(r'name="format" value="(\w+)"', form) == ["pdf", "docx"]
        same = ask(client, {"text": text, "sent_at": "2026-11-20"}).content
        stated = client.post("/report", data=fields).content
        assert hashlib.sha256(text.encode()).hexdigest() in pdf_text(same)
        assert hashlib.sha256(text.encode()).hexdigest() in pdf_text(stated)

    def test_language_and_format(self, client: TestClient) -> None:
        response = client.post("/report", data={"text": "好", "lang": "en", "format": "docx"})
        assert response.headers["content-type"] == DOCX
        words = [p.text for p in docx.Document(io.BytesIO(response.content)).paragraphs]
        assert words[0] == "Report on collection messages"

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"text": " "}, "text 不能为空白"),
            ({}, "缺少字段 text"),
            ({"text": "好" * 4001}, "text 最多 4000 个字符"),
            ({"text": "好", "count_today": "0"}, "facts.count_today 至少为 1"),
            ({"text": "好", "count_today": "many"}, "facts.count_today 的类型应为 integer"),
            ({"text": "好", "format": "exe"}, "format 应为 pdf | docx"),
            ({"text": "好", "received_on": "1.1."}, "sent_at 的类型应为"),
        ],
    )
    def test_a_page_says_what_is_wrong(
        self, client: TestClient, fields: dict[str, str], said: str
    ) -> None:
        response = client.post("/report", data=fields or {"lang": "zh"})
        assert response.status_code == 422
        assert response.headers["content-type"].startswith("text/html")
        assert said in response.text

    def test_in_english_too(self, client: TestClient) -> None:
        page = client.post("/report", data={"text": "", "lang": "en"})
        assert "No report" in page.text
        assert "text must not be blank" in page.text


class TestRenderer:
    def run(self, work: Callable[[Renderer], Any], **settings: Any) -> None:
        async def go() -> None:
            renderer = Renderer(**{"timeout_s": 20, **settings})
            try:
                await work(renderer)
            finally:
                renderer.close()

        asyncio.run(go())

    def test_the_event_loop_goes_on_meanwhile(self) -> None:
        async def work(renderer: Renderer) -> None:
            job = asyncio.ensure_future(renderer.render(lambda: document(*[THREAT] * 40), "pdf"))
            ticks = 0
            while not job.done():
                await asyncio.sleep(0.01)
                ticks += 1
            assert (await job).startswith(b"%PDF")
            assert ticks > 5

        self.run(work)

    def test_a_full_queue_refuses(self) -> None:
        gate = threading.Event()

        def wait() -> Document:
            gate.wait(20)
            return document("好")

        async def work(renderer: Renderer) -> None:
            jobs = [asyncio.ensure_future(renderer.render(wait, "pdf")) for _ in range(2)]
            await asyncio.sleep(0)
            with pytest.raises(ProblemError) as refused:
                await renderer.render(wait, "pdf")
            gate.set()
            await asyncio.gather(*jobs)
            assert (refused.value.code, refused.value.limit) == ("busy", 2)

        self.run(work, queue_size=2)

    def test_the_deadline_stops_the_thread(self) -> None:
        stopped = threading.Event()
        original = document(*[THREAT] * 200)

        async def work(renderer: Renderer) -> None:
            started = time.monotonic()
            with pytest.raises(ProblemError) as refused:
                await renderer.render(lambda: original, "docx")
            assert refused.value.code == "deadline"
            while renderer._pending:
                await asyncio.sleep(0.01)
            assert time.monotonic() - started < 10
            stopped.set()

        self.run(work, timeout_s=0.2)
        assert stopped.is_set()
