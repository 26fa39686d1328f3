"""What to do next: steps, channels, evidence, the debt that stays, a line for despair."""

import pytest
from law_cases import DESPAIR, HARASSMENT, LAWFUL, NO_DESPAIR, OUT, PRIVACY, THREAT, Message
from law_walk import answers, to

from data.labels import LABELS
from model.law import Facts, answer
from model.law.book import default_book


@pytest.mark.parametrize(
    ("label", "also", "severity"),
    [
        (OUT, [], "none"), (LAWFUL, [], "none"), (HARASSMENT, [], "medium"), (PRIVACY, [], "high"),
        (THREAT, [], "urgent"), (PRIVACY, [THREAT], "urgent"), (LAWFUL, [HARASSMENT], "medium"),
    ],
)  # fmt: skip
def test_severity_is_that_of_the_gravest_label(label: str, also: list[str], severity: str) -> None:
    assert answer(label, also).severity == severity


def test_110_comes_first_where_harm_is_threatened() -> None:
    for (label, also, _, _), answer_ in answers():
        threatened = THREAT in (label, *also)
        assert (answer_.urgent is not None) == threatened
        if threatened:
            assert answer_.urgent is not None
            assert "110" in answer_.urgent.zh
            assert answer_.steps[0].channel is not None
            assert answer_.steps[0].channel.number == "110"


def test_the_channels_say_what_they_are_for_and_what_is_not_verified() -> None:
    channels = default_book().channels.values()
    numbers = {channel.number for channel in channels}
    assert {"110", "12378", "12363", "12321", "12377", "12315", "96110", "12356", None} == numbers
    assert {channel.number for channel in channels if channel.verified} == {"110", None}
    for channel in channels:
        assert channel.purpose.zh
        assert channel.verified or channel.source == "J" or "未向官方核实" in channel.status.zh


def test_a_step_through_an_unverified_channel_is_unverified() -> None:
    steps = {step.id: step for step in answer(HARASSMENT).steps}
    assert not steps["complain-finance"].verified
    assert steps["sue"].verified
    assert steps["report-early"].verified


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("unlawful", [None, True, False])
def test_the_debt_stays(label: str, unlawful: bool | None) -> None:
    line = answer(label, facts=Facts(unlawful_debt=unlawful)).debt_stays
    assert line is not None
    assert ("人民法院" in line.zh) == (unlawful is True)


@pytest.mark.parametrize("message", DESPAIR, ids=lambda m: m.text)
def test_despair_gets_a_line_with_12356_and_its_status(message: Message) -> None:
    answer_ = to(message)
    assert answer_.despair is not None
    assert "12356" in answer_.despair.zh
    assert "未向官方核实" in answer_.despair.zh
    assert "not verified" in answer_.despair.en
    helped = next(step for step in answer_.steps if step.channel and step.channel.number == "12356")
    assert not helped.verified


@pytest.mark.parametrize("message", NO_DESPAIR, ids=lambda m: m.text)
def test_other_texts_get_no_such_line(message: Message) -> None:
    assert to(message).despair is None


def test_the_evidence_to_keep_grows_with_what_happened() -> None:
    assert not answer(OUT).keep
    harassment, disclosure = set(answer(HARASSMENT).keep), set(answer(PRIVACY).keep)
    assert any("原始短信" in words.zh for words in harassment)
    assert any("还有谁收到" in words.zh for words in disclosure - harassment)
