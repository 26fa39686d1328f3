"""`explain: true` and `facts` on POST /v1/classify, and `dunlens classify --explain`."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import pytest
from fakes import KEYWORDS, FakeClassifier
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result
from waiting import MakeClient, wait_until

import serve.classifier
import serve.routes.classify
from model.law import Facts, answer
from serve.cli import app
from serve.limits import MAX_EXPLAINED

TEXTS = ["请还款", "😀在门口等你，告诉你同事", "早"]
DATE, TIME = "date YYYY-MM-DD", "time HH:MM"
PLAIN = {"label", "scores", "also", "review", "confidence"}


def explain(client: TestClient, **body: Any) -> Any:
    return client.post("/v1/classify", json={"texts": TEXTS, "explain": True} | body)


def test_words_and_law_stand_beside_each_verdict(client: TestClient) -> None:
    response = explain(client)
    assert response.status_code == 200
    reminder, threat, other = response.json()["verdicts"]
    assert all(set(verdict) == PLAIN | {"evidence", "answer"} for verdict in (reminder, threat))
    assert threat["evidence"] == [
        {
            "label": "threat_extortion",
            "spans": [{"start": 2, "end": 6}],  # code points: the emoji is one
            "without": 0.04,
            "alone": 0.93,
        },
        {
            "label": "privacy_disclosure",
            "spans": [{"start": 10, "end": 12}],
            "without": 0.04,
            "alone": 0.93,
        },
    ]
    assert other["evidence"] == []
    expected = answer("threat_extortion", ["privacy_disclosure"], text=TEXTS[1])
    assert threat["answer"] == expected.model_dump(mode="json")


def test_facts_hold_for_all_texts_of_the_request(client: TestClient) -> None:
    facts = {"received_at": "23:30", "recipient": "debtor"}
    for verdict in explain(client, facts=facts).json()["verdicts"][:2]:
        expected = answer(verdict["label"], verdict["also"], Facts(**facts))  # type: ignore[arg-type]
        found = [finding["id"] for finding in verdict["answer"]["findings"]]
        assert found
        assert found == [finding.id for finding in expected.findings]
    assert all(not v["answer"]["findings"] for v in explain(client).json()["verdicts"])


@pytest.mark.parametrize("extra", [{}, {"explain": False}, {"facts": None}])
def test_without_explain_nothing_is_added(client: TestClient, extra: dict[str, Any]) -> None:
    response = client.post("/v1/classify", json={"texts": TEXTS} | extra)
    assert all(set(verdict) == PLAIN for verdict in response.json()["verdicts"])


def test_null_is_left_only_where_the_answer_says_so(client: TestClient) -> None:
    reminder = explain(client).json()["verdicts"][0]
    assert reminder["review"] is None
    assert reminder["answer"]["urgent"] is None


@pytest.mark.parametrize(
    ("body", "code", "field", "limit"),
    [
        ({"texts": ["好"] * (MAX_EXPLAINED + 1)}, "too_many_explained", "texts", 32),
        ({"explain": False, "facts": {}}, "facts_unused", "facts", "true"),
        ({"explain": "yes"}, "wrong_type", "explain", "true | false"),
        ({"explain": None}, "wrong_type", "explain", "true | false"),
        ({"facts": []}, "wrong_type", "facts", "object"),
        ({"facts": {"hour": 3}}, "unknown_field", "facts.hour", None),
        ({"facts": {"count_today": 0}}, "too_small", "facts.count_today", 1),
        ({"facts": {"count_today": 10_001}}, "too_large", "facts.count_today", 10_000),
        ({"facts": {"count_today": "3"}}, "wrong_type", "facts.count_today", "integer"),
        ({"facts": {"count_today": 1.5}}, "wrong_type", "facts.count_today", "integer"),
        ({"facts": {"received_at": "24:00"}}, "wrong_type", "facts.received_at", TIME),
        ({"facts": {"received_at": 23}}, "wrong_type", "facts.received_at", TIME),
        ({"facts": {"received_on": "2026-02-30"}}, "wrong_type", "facts.received_on", DATE),
        ({"facts": {"received_on": "昨天"}}, "wrong_type", "facts.received_on", DATE),
        ({"facts": {"beyond_debt": 1}}, "wrong_type", "facts.beyond_debt", "true | false"),
        (
            {"facts": {"recipient": "me"}},
            "not_an_option",
            "facts.recipient",
            "debtor | guarantor | third_party",
        ),
    ],
)
def test_refusals_name_the_field_and_the_limit(
    client: TestClient, body: dict[str, Any], code: str, field: str, limit: Any
) -> None:
    response = explain(client, **body)
    assert response.status_code == 422
    error = response.json()["error"]
    assert (error["code"], error["field"], error["limit"]) == (code, field, limit)
    for language in ("zh", "en"):
        assert field in error[f"message_{language}"]
        assert str(limit or "") in error[f"message_{language}"]
    assert "昨天" not in response.text


def test_as_many_texts_as_the_limit_are_explained(client: TestClient) -> None:
    response = explain(client, texts=["请还款"] * MAX_EXPLAINED)
    assert len(response.json()["verdicts"]) == MAX_EXPLAINED


def test_explaining_stops_where_nobody_waits_any_more(make_client: MakeClient) -> None:
    fake = FakeClassifier(delay_s=0.1)
    client = make_client(fake, timeout_s=0.25)
    response = explain(client, texts=["请还款"] * MAX_EXPLAINED)
    assert response.json()["error"]["code"] == "deadline"
    wait_until(lambda: client.app.state.worker._pending == 0)  # type: ignore[attr-defined]
    assert len(fake.calls) < 8, "one text at a time, and no further one once it is abandoned"


def test_health_answers_while_a_text_is_explained(make_client: MakeClient) -> None:
    class Slow(FakeClassifier):
        def explain(self, text: str, verdict: Any) -> Any:
            if "同事" in text:
                started.set()
                gate.wait(20)
            return super().explain(text, verdict)

    started, gate = threading.Event(), threading.Event()
    client = make_client(Slow())
    request = threading.Thread(target=lambda: explain(client, texts=["同事"]))
    request.start()
    try:
        assert started.wait(5)
        assert client.get("/healthz").status_code == 200
    finally:
        gate.set()
        request.join()


def test_a_classifier_that_fails_to_explain_is_a_500_without_details(make_client: Any) -> None:
    class Broken(FakeClassifier):
        def explain(self, text: str, verdict: Any) -> Any:
            if "机密" in text:
                raise RuntimeError(text)
            return super().explain(text, verdict)

    response = explain(make_client(Broken()), texts=["机密内容还款"])
    assert response.status_code == 500
    assert "机密" not in response.text


@pytest.fixture
def _fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve.classifier, "load_classifier", lambda *_: FakeClassifier())


def run(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, ["classify", *args], input=stdin)


@pytest.mark.usefixtures("_fake")
class TestCommandLine:
    def test_words_law_and_steps_after_the_verdict(self) -> None:
        result = run("--explain", "--facts", '{"received_at": "23:30"}', "在门口等你")
        assert result.exit_code == 0, result.stderr
        shown = answer("threat_extortion", [], Facts(received_at="23:30"), "在门口等你")  # type: ignore[arg-type]
        assert "「门口等你」" in result.stdout
        for words in (
            *(shown.note, *shown.keep, shown.debt_stays),
            *(step.text for step in shown.steps),
            *(finding.text for finding in shown.findings),
            *(provision.condition for provision in shown.provisions),
        ):
            if words:
                assert words.zh in result.stdout
        assert "12378" in result.stdout
        assert "未向官方核实" in result.stdout
        assert "just-laws" in result.stdout

    def test_in_english(self) -> None:
        result = run("--explain", "--lang", "en", "在门口等你")
        assert "The words that decided" in result.stdout
        assert answer("threat_extortion").steps[0].text.en in result.stdout

    def test_json_is_what_the_api_gives(self, client: TestClient) -> None:
        result = run("--explain", "--json", *TEXTS)
        verdicts = [json.loads(line) for line in result.stdout.splitlines()]
        assert verdicts == explain(client).json()["verdicts"]

    def test_deciding_words_cannot_steer_the_terminal(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(KEYWORDS, "threat_extortion", "\x1b[2J")
        result = run("--explain", "\x1b[2J")
        assert "[2J」" in result.stdout
        assert "\x1b" not in result.stdout

    @pytest.mark.parametrize(
        ("args", "words"),
        [
            (["--explain", "-i", "a.jsonl"], "--explain"),
            (["--facts", "{}", "还款"], "--facts needs --explain"),
            (["--explain", "--facts", "{", "还款"], "JSON"),
            (["--explain", "--facts", '{"received_at": "7pm"}', "还款"], "time HH:MM"),
            (["--explain", "--facts", '{"hour": 1}', "还款"], "hour"),
            (["--explain", "--lang", "fr", "还款"], "fr"),
        ],
    )
    def test_wrong_calls_exit_with_2_and_say_why(self, args: list[str], words: str) -> None:
        result = run(*args)
        assert result.exit_code == 2
        assert words in result.stderr
        assert result.stdout == ""


def test_reasons_are_put_into_words_off_the_event_loop(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_the_loop: list[bool] = []
    made = serve.routes.classify.explained

    def noting(*given: Any) -> Any:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            on_the_loop.append(False)
        else:
            on_the_loop.append(True)
        return made(*given)

    monkeypatch.setattr(serve.routes.classify, "explained", noting)
    assert explain(client).status_code == 200
    assert on_the_loop == [False] * len(TEXTS)
