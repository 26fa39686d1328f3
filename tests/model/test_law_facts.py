"""What the user states: findings beside the label, which they never change."""

from datetime import date
from typing import Any

import pytest
from law_cases import FINDINGS, HARASSMENT, LAWFUL, REMINDER, THREAT
from law_walk import shown, to
from pydantic import ValidationError

from model.law import Facts, answer


@pytest.mark.parametrize("finding", FINDINGS)
def test_a_finding_follows_from_its_facts_alone(finding: str) -> None:
    case, counter = FINDINGS[finding]
    assert finding in {entry.id for entry in to(case).findings}
    assert finding not in {entry.id for entry in to(counter).findings}
    assert not to(case._replace(facts={})).findings


@pytest.mark.parametrize(
    ("moment", "late"),
    [
        ("21:59", False), ("22:00", True), ("23:59", True), ("00:00", True), ("07:59", True),
        ("08:00", False), ("12:00", False), (None, False),
    ],
)  # fmt: skip
def test_the_hour_is_held_against_22_to_8(moment: str | None, late: bool) -> None:
    for label, finding in ((LAWFUL, "night-lawful"), (HARASSMENT, "night")):
        findings = answer(label, facts=Facts(received_at=moment)).findings
        assert [entry.id for entry in findings] == ([finding] if late else [])
        assert not any(entry.verified for entry in findings)
    assert ("cc-1033-peace" in shown(answer(LAWFUL, facts=Facts(received_at=moment)))) == late


@pytest.mark.parametrize(
    ("count", "findings"),
    [
        (None, []), (1, []), (3, []), (4, ["more-than-three"]), (6, ["more-than-three"]),
        (7, ["more-than-six"]), (10_000, ["more-than-six"]),
    ],
)  # fmt: skip
def test_the_number_a_day_is_held_against_the_rules(count: int | None, findings: list[str]) -> None:
    answer_ = answer(LAWFUL, facts=Facts(count_today=count))
    assert [entry.id for entry in answer_.findings] == findings
    assert ("cc-1033-peace" in shown(answer_)) == bool(findings)


@pytest.mark.parametrize(
    ("recipient", "findings"),
    [("third_party", ["does-not-owe"]), ("guarantor", []), ("debtor", []), (None, [])],
)
def test_only_a_third_party_does_not_owe(recipient: Any, findings: list[str]) -> None:
    answer_ = answer(LAWFUL, facts=Facts(recipient=recipient))
    assert [entry.id for entry in answer_.findings] == findings
    assert (answer_.debt_stays is None) == (recipient == "third_party")
    assert ("cc-687" in shown(answer_)) == (recipient in ("third_party", "guarantor"))


def test_a_finding_raises_a_lawful_text_and_lowers_nothing() -> None:
    night = Facts(received_at="23:00")
    assert answer(LAWFUL).severity == "none"
    assert answer(LAWFUL, facts=night).severity == "low"
    assert answer(THREAT, facts=night).severity == "urgent"
    assert "cc-1033-peace" in shown(answer(LAWFUL, facts=night))


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"received_on": 20260101}, "received_on"), ({"received_on": "2026-13-01"}, "received_on"),
        ({"received_on": "2026-01-01T10:00:00"}, "received_on"),
        ({"received_at": 23}, "received_at"),
        ({"received_at": "24:00"}, "received_at"), ({"received_at": "23:00Z"}, "received_at"),
        ({"received_at": "23:00:30"}, "received_at"), ({"count_today": 0}, "count_today"),
        ({"count_today": 10_001}, "count_today"), ({"count_today": "4"}, "count_today"),
        ({"recipient": "friend"}, "recipient"), ({"beyond_debt": "yes"}, "beyond_debt"),
        ({"unlawful_debt": 1}, "unlawful_debt"), ({"amount": 5}, "amount"),
    ],
)  # fmt: skip
def test_facts_that_cannot_be_are_refused_by_name(facts: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Facts.model_validate(facts)
    assert [error["loc"] for error in caught.value.errors()] == [(field,)]


def test_facts_are_read_from_json_and_do_not_change() -> None:
    raw = '{"received_on": "2026-02-28", "received_at": "22:00", "recipient": "guarantor"}'
    facts = Facts.model_validate_json(raw)
    assert facts.received_on == date(2026, 2, 28)
    assert facts.beyond_debt is None
    with pytest.raises(ValidationError, match="frozen"):
        facts.recipient = "debtor"  # type: ignore[misc]


def test_an_answer_can_be_sent_as_json_with_its_verified_flags() -> None:
    body = to(REMINDER, received_at="23:00").model_dump(mode="json")
    assert body["provisions"][0]["verified"] is True
    assert body["findings"][0]["verified"] is False
