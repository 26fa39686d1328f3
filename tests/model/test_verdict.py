"""The JSON form of a verdict, and the words for its review reasons."""

import json
from typing import get_args

from data.labels import LABELS
from model.verdict import REVIEW_EN, REVIEW_ZH, ReviewReason, Verdict

VERDICT = Verdict(
    "threat_extortion",
    dict(zip(LABELS, (0.000012, 0.123456, 0.98765432, 1.0), strict=True)),
    ["privacy_disclosure"],
    "low_confidence",
    0.87654321,
)


def test_the_json_form_has_the_contracts_keys_and_four_decimals() -> None:
    assert json.loads(json.dumps(VERDICT.to_dict())) == {
        "label": "threat_extortion",
        "scores": {
            "lawful_reminder": 0.0,
            "harassment": 0.1235,
            "threat_extortion": 0.9877,
            "privacy_disclosure": 1.0,
        },
        "also": ["privacy_disclosure"],
        "review": "low_confidence",
        "confidence": 0.8765,
    }


def test_the_json_form_is_a_copy() -> None:
    VERDICT.to_dict()["also"].append("harassment")
    assert VERDICT.also == ["privacy_disclosure"]


def test_every_review_reason_is_worded_in_both_languages() -> None:
    assert set(REVIEW_ZH) == set(REVIEW_EN) == set(get_args(ReviewReason))
