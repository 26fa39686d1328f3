"""Which law is shown with a label, and that nothing is that was not read."""

from datetime import date
from typing import Any

import pytest
from law_cases import FINDINGS, HARASSMENT, OUT, PRIVACY, RULES, THREAT
from law_walk import AFTER, BEFORE, answers, shown, to

from data.labels import UNLAWFUL
from model.law import Answer, Facts, answer
from model.law.book import default_book

CRIMES = ("cl-293", "cl-293-1", "cl-274", "cl-253-1")
EXTORTION = ("cl-274", "psl25-58", "psl12-49", "i-extortion-1", "i-network-6")


def not_read(answer_: Answer) -> list[str]:
    """Return the provisions that are shown although their text was not read."""
    return [
        provision.id
        for provision in answer_.provisions
        if provision.source not in ("R1", "R2") or not provision.verified
    ]


def test_every_provision_shown_was_read() -> None:
    assert not {id_ for _, answer_ in answers() for id_ in not_read(answer_)}


def test_a_provision_that_was_not_read_would_be_noticed() -> None:
    answer_ = answer(THREAT)
    second_hand = answer_.provisions[0].model_copy(update={"source": "S"})
    assert not_read(answer_.model_copy(update={"provisions": (second_hand,)})) == [second_hand.id]


def test_second_hand_facts_are_guidance_with_their_status() -> None:
    for _, answer_ in answers():
        assert all(g.source in ("S", "J") and g.status.zh for g in answer_.guidance)
        assert all(
            f.status.zh and f.verified == (f.source in ("R1", "R2")) for f in answer_.findings
        )


def test_every_entry_of_the_book_is_reachable() -> None:
    book = default_book()
    seen: dict[str, set[str]] = {"provisions": set(), "guidance": set(), "findings": set()}
    steps, keep, lines = set(), set(), set()
    for _, answer_ in answers():
        for name, ids in seen.items():
            ids.update(entry.id for entry in getattr(answer_, name))
        steps.update(step.id for step in answer_.steps)
        keep.update(answer_.keep)
        lines |= {answer_.note, answer_.urgent, answer_.despair, answer_.debt_stays}
    assert seen["provisions"] == set(book.provisions)
    assert seen["guidance"] == set(book.guidance)
    assert seen["findings"] == {entry.id for entry in book.findings}
    assert steps == {entry.id for entry in book.steps}
    assert keep == {entry.text for entry in book.keep}
    assert lines - {None} == {entry.text for entry in book.lines}


def test_every_rule_and_finding_has_a_case() -> None:
    assert set(RULES) == {rule.id for rule in default_book().rules}
    assert set(FINDINGS) == {finding.id for finding in default_book().findings}


@pytest.mark.parametrize("day", [BEFORE, AFTER, None])
@pytest.mark.parametrize("rule", RULES)
def test_a_rule_shows_its_law_for_a_text_to_which_it_applies(rule: str, day: date | None) -> None:
    entry = next(entry for entry in default_book().rules if entry.id == rule)
    answer_ = to(RULES[rule][0], received_on=day)
    other_text = "psl25-" if day == BEFORE else "psl12-"
    current = {id_ for id_ in entry.provisions if not id_.startswith(other_text)}
    assert current <= shown(answer_)
    assert set(entry.guidance) <= {guidance.id for guidance in answer_.guidance}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_silent_on_a_text_to_which_it_does_not_apply(rule: str) -> None:
    book = default_book()
    entry = next(entry for entry in book.rules if entry.id == rule)
    answer_ = to(RULES[rule][1])
    # What another rule shows as well cannot tell whether this one applied.
    ours = {*entry.provisions, *entry.guidance}
    assert not ours <= shown(answer_) | {guidance.id for guidance in answer_.guidance}


@pytest.mark.parametrize("crime", CRIMES)
def test_the_four_crimes_say_what_one_message_cannot_show(crime: str) -> None:
    found = [p for _, answer_ in answers() for p in answer_.provisions if p.id == crime]
    assert found
    condition = found[0].condition
    assert condition is not None
    assert "一条信息看不出" in condition.zh or "一条信息看不出来" in condition.zh
    assert (
        "one message shows neither" in condition.en or "one message does not show" in condition.en
    )


def test_extortion_is_shown_only_where_money_not_owed_is_stated() -> None:
    for (_, _, facts, _), answer_ in answers():
        if facts.beyond_debt is not True:
            assert not shown(answer_) & set(EXTORTION)
    assert "cl-274" in shown(answer(THREAT, facts=Facts(beyond_debt=True)))
    assert "cl-274" not in shown(answer(HARASSMENT, facts=Facts(beyond_debt=True)))


def test_unlawful_debt_is_stated_or_stands_as_a_condition() -> None:
    for unlawful in (True, None):
        crime = next(
            p
            for p in answer(THREAT, facts=Facts(unlawful_debt=unlawful)).provisions
            if p.id == "cl-293-1"
        )
        assert crime.condition is not None
        assert "仅当债务本身是高利放贷等产生的非法债务" in crime.condition.zh
    assert "cl-293-1" not in shown(answer(THREAT, facts=Facts(unlawful_debt=False)))


def test_provoking_trouble_comes_with_the_limit_for_debt_disputes() -> None:
    for _, answer_ in answers():
        provisions = {p.id: p for p in answer_.provisions}
        if "cl-293" in provisions:
            condition = provisions["cl-293"].condition
            assert condition is not None
            assert "一般不认定为寻衅滋事" in condition.zh
            assert "处理处罚后仍继续" in condition.zh
            assert provisions["i-affray-1"].verified


@pytest.mark.parametrize(
    ("day", "ours", "theirs"),
    [
        (None, "psl25-", "psl12-"),
        (AFTER, "psl25-", "psl12-"),
        (BEFORE, "psl12-", "psl25-"),
    ],
)
def test_the_day_decides_which_text_of_the_police_law_is_cited(
    day: date | None, ours: str, theirs: str
) -> None:
    for (label, also, facts, _), answer_ in answers():
        if facts.received_on == day and {label, *also} & set(UNLAWFUL):
            ids = shown(answer_)
            assert any(id_.startswith(ours) for id_ in ids)
            assert not any(id_.startswith(theirs) for id_ in ids)


@pytest.mark.parametrize(
    ("label", "new", "old", "fine"),
    [
        (THREAT, "第五十条第一款第一项", "第四十二条第一项", "五百元"),
        (HARASSMENT, "第五十条第一款第五项", "第四十二条第五项", "五百元"),
        (PRIVACY, "第五十条第一款第六项", "第四十二条第六项", "五百元"),
        (HARASSMENT, "第三十条第四项", "第二十六条第四项", "五百元"),
        (THREAT, "第六十二条", "第五十一条", "五百元"),
        (THREAT, "第六十三条", "第五十二条", "五百元"),
        (THREAT, "第四十七条第三项", "第四十条第三项", "二百元以上五百元以下"),
        (THREAT, "第五十八条", "第四十九条", "五百元"),
    ],
)
def test_old_conduct_has_the_old_number_and_its_maximum(
    label: str, new: str, old: str, fine: str
) -> None:
    facts = {"beyond_debt": True}
    today = {p.article.zh: p for p in answer(label, facts=Facts(**facts)).provisions}
    before = {
        p.article.zh: p
        for p in answer(label, facts=Facts(received_on=BEFORE, **facts)).provisions
        if p.id.startswith("psl12-")
    }
    assert today[new].old_article is not None
    assert old in today[new].old_article.zh
    assert before[old].maximum is not None
    assert fine in before[old].maximum.zh
    assert today[new].maximum != before[old].maximum


def test_law_that_was_not_yet_in_force_is_not_cited() -> None:
    ids = shown(answer(PRIVACY, [THREAT], Facts(received_on=date(2020, 12, 31))))
    assert not any(id_.startswith(("cc-", "pipl-", "psl25-")) for id_ in ids)
    assert {"psl12-42-privacy", "cl-253-1"} <= ids


@pytest.mark.parametrize("facts", [{}, {"received_at": "03:00", "count_today": 9}])
def test_out_of_scope_gets_no_law_and_no_finding(facts: dict[str, Any]) -> None:
    answer_ = answer(OUT, facts=Facts(**facts), text="您的验证码是123456，请勿告诉他人。")
    assert not answer_.provisions
    assert not answer_.guidance
    assert not answer_.findings
    assert answer_.severity == "none"
    assert answer_.debt_stays is None


def test_without_a_text_there_is_no_despair_and_no_law_is_left_out() -> None:
    assert answer(HARASSMENT).despair is None
    assert {"psl25-62", "psl25-63", "cl-238", "i-default-1"} <= shown(answer(THREAT))


def test_every_mark_in_an_answer_is_explained() -> None:
    for _, answer_ in answers()[::7]:
        marks = {p.source for p in answer_.provisions} | {g.source for g in answer_.guidance}
        marks |= {f.source for f in answer_.findings} | {s.source for s in answer_.steps}
        marks |= {s.channel.source for s in answer_.steps if s.channel}
        assert marks <= {note.mark for note in answer_.sources}


def test_each_thing_is_said_once() -> None:
    for _, answer_ in answers()[::7]:
        for part in (answer_.provisions, answer_.guidance, answer_.findings, answer_.steps):
            ids = [entry.id for entry in part]
            assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("label", "also"), [("scam", []), (OUT, [HARASSMENT]), (HARASSMENT, ["lawful"])]
)
def test_labels_that_do_not_exist_are_refused(label: str, also: list[str]) -> None:
    with pytest.raises(ValueError, match=r"label|also"):
        answer(label, also)
