"""What an answer is made of: the facts a user may state, and the law, findings and steps shown.

Every fact carries a source mark (`Mark`): R1 and R2 were read in the text of the law, S only in
somebody else's account of it, J is our own judgement, C is common knowledge (the emergency
numbers). Facts that are only remembered have no mark, and so no place here.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, computed_field
from pydantic_core import PydanticCustomError

Mark = Literal["R1", "R2", "S", "J", "C"]
ReadMark = Literal["R1", "R2"]
TextMark = Literal["R1", "R2", "S", "J"]
READ: Final[frozenset[str]] = frozenset({"R1", "R2"})

Tier = Literal["self_regulatory", "civil", "administrative", "criminal"]
Severity = Literal["none", "low", "medium", "high", "urgent"]
SEVERITIES: Final[tuple[Severity, ...]] = ("none", "low", "medium", "high", "urgent")
Recipient = Literal["debtor", "guarantor", "third_party"]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MINUTE = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Frozen(BaseModel):
    """Base of all models here: immutable, and no field that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _day(value: Any) -> Any:
    # pydantic would also take a number, as seconds since 1970
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise PydanticCustomError("date_form", "must be a date, YYYY-MM-DD")


def _minute(value: Any) -> Any:
    # pydantic would also take a number, as seconds since midnight: 23 is no hour
    if isinstance(value, str) and _MINUTE.fullmatch(value):
        return value
    if isinstance(value, time) and value.tzinfo is None:
        return value.replace(second=0, microsecond=0)
    raise PydanticCustomError("time_form", "must be a local time, HH:MM")


class Facts(Frozen):
    """What the user states about a message; a field left out is not stated, and never inferred."""

    received_on: Annotated[date, BeforeValidator(_day)] | None = Field(
        default=None, description="Day on which the message arrived, YYYY-MM-DD."
    )
    received_at: Annotated[time, BeforeValidator(_minute)] | None = Field(
        default=None, description="Local time at which the message arrived, HH:MM."
    )
    count_today: int | None = Field(
        default=None,
        ge=1,
        le=10_000,
        strict=True,
        description="Contacts by the sender that day.",
    )
    recipient: Recipient | None = Field(
        default=None,
        description="Who received it: third_party is somebody who does not owe.",
    )
    beyond_debt: StrictBool | None = Field(
        default=None, description="Money is asked that is not owed, such as a fee for deletion."
    )
    unlawful_debt: StrictBool | None = Field(
        default=None,
        description="The debt is unlawful, as from usury or an unlicensed lender.",
    )


class Words(Frozen):
    """One text for people, in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Provision(Frozen):
    """A provision of law that may bear on the message; only ever one that was read.

    condition: what the provision requires beyond what one message can show.
    in_force, until: first and last day of this text; in_force is None where we have not read it.
    old_article: its number in the text that applied before `in_force`.
    """

    id: str
    law: Words
    article: Words
    title: Words
    summary: Words
    tier: Tier
    maximum: Words | None
    condition: Words | None
    in_force: date | None
    until: date | None
    source: ReadMark
    old_article: Words | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verified(self) -> bool:
        """Tell whether the text of the law was read."""
        return self.source in READ


class Guidance(Frozen):
    """A rule that we know at second hand, or our own view; never to be shown as law."""

    id: str
    text: Words
    status: Words
    source: Literal["S", "J"]


class Finding(Frozen):
    """What a stated fact adds beside the label; it never changes the label."""

    id: str
    text: Words
    source: TextMark
    status: Words

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verified(self) -> bool:
        """Tell whether the rule behind the finding was read."""
        return self.source in READ


class Channel(Frozen):
    """Somewhere to turn to; number is None where there is no single one."""

    id: str
    number: str | None = None
    name: Words
    purpose: Words
    source: Mark
    status: Words

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verified(self) -> bool:
        """Tell whether the channel is common knowledge or named in a law that was read."""
        return self.source in READ or self.source == "C"


class Step(Frozen):
    """One thing to do, in the order of the answer."""

    id: str
    text: Words
    channel: Channel | None
    source: TextMark

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verified(self) -> bool:
        """Tell whether no fact in the step, and no channel, is from second hand."""
        return self.source != "S" and (self.channel is None or self.channel.verified)


class SourceNote(Frozen):
    """What a source mark means, in words."""

    mark: Mark
    text: Words


class Answer(Frozen):
    """All that is shown after a label. It says what may apply, never that somebody is at fault.

    urgent: what to do at once, where harm is threatened.
    despair: a line for somebody who may think of ending their life.
    debt_stays: that the debt itself remains, for those who owe.
    sources: the meaning of each mark that occurs in the answer.
    """

    severity: Severity
    note: Words
    urgent: Words | None
    despair: Words | None
    provisions: tuple[Provision, ...]
    guidance: tuple[Guidance, ...]
    findings: tuple[Finding, ...]
    steps: tuple[Step, ...]
    keep: tuple[Words, ...]
    debt_stays: Words | None
    sources: tuple[SourceNote, ...]
