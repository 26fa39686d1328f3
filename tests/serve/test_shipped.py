"""The model that ships with the package, by every way in: arguments, a file, HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner
from waiting import MakeClient

from data.labels import LABELS
from serve.classifier import TextClassifier, load_classifier
from serve.cli import app

KEYS = {"label", "scores", "also", "review", "confidence"}
CASES = {
    "今天下午六点前不还，就带人去你家打断你的腿。你欠钱的事我已经告诉你单位所有同事了。": (
        "threat_extortion",
        ["privacy_disclosure"],
    ),
    "【某某消费金融】您尾号0000的借款已于5月10日到期，应还1200.00元。"
    "请通过App还款；如有疑问，请致电客服。": ("lawful_reminder", []),
    "晚上一起吃火锅吗": ("out_of_scope", []),
}


def check(verdict: dict[str, Any], text: str) -> None:
    assert set(verdict) == KEYS
    assert set(verdict["scores"]) == set(LABELS)
    assert (verdict["label"], verdict["also"]) == CASES[text]


def run(*args: str) -> str:
    result = CliRunner().invoke(app, ["classify", "--threads", "1", *args])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_arguments() -> None:
    for line, text in zip(run("--json", *CASES).splitlines(), CASES, strict=True):
        check(json.loads(line), text)


def test_a_file(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in CASES))
    for line, text in zip(run("-i", str(source)).splitlines(), CASES, strict=True):
        row = json.loads(line)
        assert set(row) == {"text", "verdict"}
        check(row["verdict"], row["text"])
        assert row["text"] == text


@pytest.fixture(scope="module")
def shipped() -> TextClassifier:
    return load_classifier(threads=1)


def test_http(shipped: TextClassifier, make_client: MakeClient) -> None:
    client: TestClient = make_client(shipped)
    response = client.post("/v1/classify", json={"texts": list(CASES)})
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"model", "verdicts"}
    assert body["model"] == shipped.version
    for verdict, text in zip(body["verdicts"], CASES, strict=True):
        check(verdict, text)


def test_http_explained(shipped: TextClassifier, make_client: MakeClient) -> None:
    client: TestClient = make_client(shipped)
    body = {"texts": list(CASES), "explain": True}
    first, second = (client.post("/v1/classify", json=body).json() for _ in range(2))
    assert first == second, "the same text always rests on the same words"
    for verdict, text in zip(first["verdicts"], CASES, strict=True):
        reported = [verdict["label"], *verdict["also"]]
        expected = {label for label in reported if label != "out_of_scope"}
        assert {item["label"] for item in verdict["evidence"]} == expected
        for item in verdict["evidence"]:
            assert item["spans"]
            for span in item["spans"]:
                assert text[span["start"] : span["end"]].strip()
    threat = first["verdicts"][0]["answer"]
    assert threat["steps"][0]["channel"]["number"] == "110"


def test_arguments_explained() -> None:
    text = next(iter(CASES))
    shown = run("--explain", text)
    assert "可能相关的规定" in shown
    assert "打断你的腿" in shown.split("起决定作用的字词")[1].split("可以怎么做")[0]
