"""The committed description of the interface is the one that the code gives."""

from __future__ import annotations

import json

from fastapi.testclient import TestClient

from data.labels import UNLAWFUL
from serve.openapi import PATH, current


def test_committed_description_is_current() -> None:
    assert PATH.read_text(encoding="utf-8") == current(), "run: python -m serve.openapi"


def test_it_is_served_and_states_the_limits(client: TestClient) -> None:
    served = client.get("/openapi.json").json()
    assert served == json.loads(PATH.read_text(encoding="utf-8"))
    texts = served["components"]["schemas"]["ClassifyRequest"]["properties"]["texts"]
    assert (texts["minItems"], texts["maxItems"]) == (1, 256)
    assert (texts["items"]["minLength"], texts["items"]["maxLength"]) == (1, 4000)
    verdict = served["components"]["schemas"]["VerdictOut"]["properties"]
    assert verdict["also"]["items"]["enum"] == list(UNLAWFUL)
    assert verdict["review"]["anyOf"][0]["enum"] == ["low_confidence", "unlawful_possible"]
    assert "HTTPValidationError" not in served["components"]["schemas"]
    request = served["components"]["schemas"]["ClassifyRequest"]
    assert request["required"] == ["texts"]
    assert "32" in request["properties"]["explain"]["description"]
    assert not {"evidence", "answer"} & set(verdict)
    explained = served["components"]["schemas"]["ExplainedVerdictOut"]["required"]
    assert set(explained) == {*verdict, "evidence", "answer"}
    facts = served["components"]["schemas"]["Facts"]["properties"]["count_today"]["anyOf"][0]
    assert (facts["minimum"], facts["maximum"]) == (1, 10_000)
