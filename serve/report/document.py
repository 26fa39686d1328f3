"""The report as blocks of text, without any layout: what both renderers start from.

Every character in a block can be shown: `visible.runs` has replaced those that cannot.
"""

from __future__ import annotations

from dataclasses import dataclass

from serve.wording import Language


@dataclass(frozen=True)
class Run:
    """A stretch of text of one kind; a line feed in it is a line break.

    label: the label that it is evidence for, so that it is highlighted; None for plain text.
    stand_in: it stands for a character that cannot be shown, as in ``[U+202E]``.
    strong: it is to stand out.
    """

    text: str
    label: str | None = None
    stand_in: bool = False
    strong: bool = False


Runs = tuple[Run, ...]


@dataclass(frozen=True)
class Heading:
    """level 1 opens a part of the report, level 2 a message or a provision."""

    level: int
    runs: Runs


@dataclass(frozen=True)
class Paragraph:
    runs: Runs
    small: bool = False


@dataclass(frozen=True)
class Notice:
    """A paragraph that must not be overlooked; `urgent` where life may be at stake."""

    runs: Runs
    urgent: bool = False


@dataclass(frozen=True)
class Quotation:
    """The text of a message."""

    runs: Runs


@dataclass(frozen=True)
class Bullets:
    items: tuple[Runs, ...]


@dataclass(frozen=True)
class Pairs:
    """Names with their values, one pair a row."""

    rows: tuple[tuple[str, Runs], ...]


@dataclass(frozen=True)
class Table:
    """head: the names of the columns; widths: their shares of the page's width."""

    head: tuple[str, ...]
    rows: tuple[tuple[Runs, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True)
class PageBreak:
    """What follows begins on a new page."""


@dataclass(frozen=True)
class Signature:
    """Lines to be filled in by hand, each with its name."""

    lines: tuple[str, ...]


Block = Heading | Paragraph | Notice | Quotation | Bullets | Pairs | Table | PageBreak | Signature


@dataclass(frozen=True)
class Document:
    """A report: `title` and `subtitle` head its first page, `footer` stands on every page.

    page: a template for the page number with {page} and {pages}.
    """

    language: Language
    title: str
    subtitle: Runs
    footer: str
    page: str
    blocks: tuple[Block, ...]
