"""What a report is made from, with its bounds."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from model.law import Facts
from serve.schemas import Text
from serve.wording import Language

Format = Literal["pdf", "docx"]

MAX_MESSAGES: Final = 200
MAX_REPORT_CHARS: Final = 100_000
"""Characters of all messages of a report together: about 150 pages."""
MAX_TITLE: Final = 100
MAX_SENDER: Final = 100

MOMENT: Final = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?"
MOMENT_WORDS: Final = "YYYY-MM-DD HH:MM"


class Moment(NamedTuple):
    """A local day and, if it is known, the time of day."""

    day: date
    clock: time | None


def parse_moment(text: str) -> Moment:
    """Read ``2026-11-20``, ``2026-11-20 21:05`` or ``2026-11-20T21:05:30``.

    Raises ValueError. Not left to pydantic, which reads "20261120" as seconds since 1970 and a
    day alone as midnight, an hour at which nobody may collect.
    """
    if not re.fullmatch(MOMENT, text, re.ASCII):
        raise ValueError(f"not {MOMENT_WORDS}")
    moment = datetime.fromisoformat(text)
    return Moment(moment.date(), moment.time() if len(text) > len("2026-11-20") else None)


def _moment(text: str) -> str:
    try:
        parse_moment(text)
    except ValueError:
        raise PydanticCustomError("moment_type", "not a local date and time") from None
    return text


class ReportMessage(BaseModel):
    """One message of a case, and what the user states about it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Text
    sent_at: Annotated[str, Field(max_length=19), AfterValidator(_moment)] | None = Field(
        None,
        description="Local date, or date and time, of the message. Stands for `received_on` and "
        "`received_at` where `facts` leaves them out.",
        examples=["2026-11-20 21:05"],
    )
    sender: str | None = Field(None, max_length=MAX_SENDER)
    facts: Facts | None = None

    @property
    def moment(self) -> Moment | None:
        """When it was sent, as far as the user states it."""
        return None if self.sent_at is None else parse_moment(self.sent_at)

    @property
    def stated(self) -> Facts:
        """All that the user states: `facts`, completed by `sent_at`."""
        facts, moment = self.facts or Facts(), self.moment
        if moment is None or facts.received_on not in (None, moment.day):
            return facts
        completed: dict[str, date | time] = {"received_on": moment.day}
        if moment.clock is not None and facts.received_at is None:
            completed |= {"received_at": moment.clock.replace(second=0)}
        return facts.model_copy(update=completed)


def _bounded_together(messages: list[ReportMessage]) -> list[ReportMessage]:
    if sum(len(message.text) for message in messages) > MAX_REPORT_CHARS:
        raise PydanticCustomError(
            "texts_too_long", "too long together", {"max_length": MAX_REPORT_CHARS}
        )
    return messages


class ReportRequest(BaseModel):
    """The messages of one case, in any order."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "format": "pdf",
                    "messages": [
                        {
                            "text": "今天五点前不还，就把你通讯录里的人挨个通知一遍",
                            "sent_at": "2026-11-20 21:05",
                            "sender": "1065****0000",
                        }
                    ],
                }
            ]
        },
    )

    format: Format = "pdf"
    language: Language = "zh"
    title: str | None = Field(None, max_length=MAX_TITLE, description="Name of the case.")
    messages: Annotated[
        list[ReportMessage],
        Field(min_length=1, max_length=MAX_MESSAGES, fail_fast=True),
        AfterValidator(_bounded_together),
    ]
