"""POST /v1/classify: what it answers, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fakes import FakeClassifier
from fastapi.testclient import TestClient

from data.labels import LABELS

JSON = {"content-type": "application/json"}


def post(client: TestClient, content: bytes, **headers: str) -> Any:
    return client.post("/v1/classify", content=content, headers=JSON | headers)


def test_one_verdict_a_text_in_order(client: TestClient) -> None:
    response = client.post(
        "/v1/classify", json={"texts": ["请还款", "在门口等你，告诉你同事", "早"]}
    )

    assert response.status_code == 200
    body = response.json()
    assert body["model"] == "fake-1"
    assert [v["label"] for v in body["verdicts"]] == [
        "lawful_reminder",
        "threat_extortion",
        "out_of_scope",
    ]
    threat = body["verdicts"][1]
    assert threat["also"] == ["privacy_disclosure"]
    assert list(threat["scores"]) == list(LABELS)
    assert threat["confidence"] == 0.9512
    assert threat["review"] is None


def test_review_reason_is_passed_on(client: TestClient) -> None:
    response = client.post("/v1/classify", json={"texts": ["也许请还款"]})
    assert response.json()["verdicts"][0]["review"] == "low_confidence"


@pytest.mark.parametrize("texts", [["好" * 4000], ["好"] * 256, ["😀" * 4000], [" 好\x00\n"]])
def test_inputs_up_to_the_limits_are_answered(client: TestClient, texts: list[str]) -> None:
    response = client.post("/v1/classify", json={"texts": texts})
    assert response.status_code == 200
    assert len(response.json()["verdicts"]) == len(texts)


def test_the_largest_valid_request_fits_the_default_body_limit(client: TestClient) -> None:
    body = json.dumps({"texts": ["😀" * 4000] * 256})  # every character as two escapes
    assert post(client, body.encode()).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code", "field", "limit"),
    [
        ({}, 422, "missing_field", "texts", None),
        ({"texts": ["好"], "lang": "zh"}, 422, "unknown_field", "lang", None),
        ({"text": "好", "texts": ["好"]}, 422, "unknown_field", "text", None),
        ({"texts": "好"}, 422, "wrong_type", "texts", "array of strings"),
        ({"texts": None}, 422, "wrong_type", "texts", "array of strings"),
        ({"texts": ["好", 3]}, 422, "wrong_type", "texts[1]", "string"),
        ({"texts": [["好"]]}, 422, "wrong_type", "texts[0]", "string"),
        (["好"], 422, "wrong_type", "body", "object"),
        (None, 422, "wrong_type", "body", "object"),
        ({"texts": []}, 422, "too_few_texts", "texts", 1),
        ({"texts": ["好"] * 257}, 422, "too_many_texts", "texts", 256),
        ({"texts": ["好", ""]}, 422, "blank_text", "texts[1]", 1),
        ({"texts": ["好", " \n\u3000"]}, 422, "blank_text", "texts[1]", 1),
        ({"texts": ["好", "好" * 4001]}, 422, "text_too_long", "texts[1]", 4000),
        ({"texts": ["\ud83d"]}, 422, "invalid_unicode", "texts[0]", None),
    ],
)
def test_refusals_name_the_field_and_the_limit(
    client: TestClient, body: Any, status: int, code: str, field: str, limit: Any
) -> None:
    response = post(client, json.dumps(body).encode())
    assert response.status_code == status
    error = response.json()["error"]
    assert (error["code"], error["field"], error["limit"]) == (code, field, limit)
    assert field in error["message_en"]
    assert str(limit or "") in error["message_zh"]


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"texts": [' + b"9" * 5000 + b"]}",
        b'{"texts": ["a"]} x',
        '{"texts": ["好"]}'.encode("gb18030"),
    ],
)
def test_what_is_not_json_gets_400(client: TestClient, content: bytes) -> None:
    response = post(client, content)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid_json"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"texts": ["a"], "\\ud83d": 1}',
        b'{"\\ud83d": 1}',
        b'{"texts": {"\\udc00": "\\udc00"}}',
        b'{"texts": [NaN, Infinity]}',
        b'{"texts": ["a"], "texts": 1}',
    ],
)
def test_hostile_bodies_are_refused_and_never_break_the_server(
    client: TestClient, content: bytes
) -> None:
    response = post(client, content)
    assert response.status_code == 422
    assert response.json()["error"]["field"]


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", ""],
)
def test_other_content_types_get_415(client: TestClient, content_type: str) -> None:
    headers = {"content-type": content_type} if content_type else {}
    response = client.post("/v1/classify", content=b'{"texts": ["a"]}', headers=headers)
    assert response.status_code == 415
    error = response.json()["error"]
    assert (error["field"], error["limit"]) == ("Content-Type", "application/json")


def test_utf8_charset_parameter_is_fine(client: TestClient) -> None:
    headers = {"content-type": "Application/JSON; charset=UTF-8"}
    response = client.post("/v1/classify", content=b'{"texts": ["a"]}', headers=headers)
    assert response.status_code == 200


def test_message_follows_accept_language(client: TestClient) -> None:
    for language, key in [
        ("en-GB,en;q=0.9,zh;q=0.5", "message_en"),
        ("zh-CN", "message_zh"),
        ("fr", "message_zh"),
        ("en;q=bad, zh;q=0.1", "message_zh"),
        ("zh; q=0.2, en ; q=0.8", "message_en"),
        ("en; q=0.2, zh; q=0.8", "message_zh"),
    ]:
        error = post(client, b"{}", **{"accept-language": language}).json()["error"]
        assert error["message"] == error[key]


def test_refusals_do_not_quote_the_input(client: TestClient) -> None:
    secret = "机密内容"
    for body in ({"texts": [secret * 2000]}, {"texts": secret}, {"texts": [{secret: 1}]}):
        assert secret not in client.post("/v1/classify", json=body).text


def test_unknown_addresses_and_methods_have_the_same_body(client: TestClient) -> None:
    assert client.get("/nothing").json()["error"]["code"] == "not_found"
    response = client.get("/v1/classify")
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"


def test_a_failing_classifier_is_a_500_without_details(make_client: Any) -> None:
    client = make_client(FakeClassifier(error=RuntimeError("机密内容")))
    response = client.post("/v1/classify", json={"texts": ["机密内容"]})
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal"
    assert "机密内容" not in response.text


def test_security_headers_on_every_answer(client: TestClient) -> None:
    for path in ("/", "/docs", "/healthz", "/nothing", "/static/page.js"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        script = [p for p in headers["content-security-policy"].split("; ") if "script" in p]
        assert script == ["script-src 'self'"]
