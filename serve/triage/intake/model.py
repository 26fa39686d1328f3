"""What the intake takes and gives: the shape of a file, its rows, and why it is refused."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, Self

Kind = Literal["csv", "xlsx", "jsonl", "text"]
Role = Literal["text", "sent_at", "sender", "recipient", "id"]
ROLES: Final[tuple[Role, ...]] = ("text", "sent_at", "sender", "recipient", "id")


class IntakeError(Exception):
    """The file as a whole, or its mapping, cannot be used.

    code: stable name of the problem; field: what it concerns (`file`, `columns`, `mapping.text`);
    limit: the bound that was crossed, if it is one; zh, en: the message, quoting no content.
    """

    def __init__(
        self, code: str, zh: str, en: str, *, field: str = "file", limit: int | str | None = None
    ) -> None:
        super().__init__(f"{zh} ({en})")
        self.code, self.field, self.limit, self.zh, self.en = code, field, limit, zh, en


@dataclass(frozen=True)
class Mapping:
    """Which column holds what: names out of `Inspection.headings`; None where there is none."""

    text: str
    sent_at: str | None = None
    sender: str | None = None
    recipient: str | None = None
    id: str | None = None

    def to_dict(self) -> dict[str, str | None]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Raises IntakeError for an unknown role, a value that is no string, or no `text`."""
        for role, name in values.items():
            if role not in ROLES or not isinstance(name, str | None):
                raise IntakeError(
                    "bad_mapping",
                    f"列对应关系只能含 {', '.join(ROLES)}，值为列名或 null",
                    f"a mapping has {', '.join(ROLES)}, each a heading or null",
                    field="mapping",
                )
        chosen = {role: name for role, name in values.items() if name}
        if "text" not in chosen:
            raise IntakeError(
                "no_text_column",
                "请指定短信或投诉内容所在的列",
                "name the column that holds the message",
                field="mapping.text",
            )
        return cls(**chosen)

    def with_text(self, column: str | None) -> Self:
        """Return the mapping with another text column; itself where None is named.

        Raises IntakeError for an empty name.
        """
        return self if column is None else self.from_dict({**self.to_dict(), "text": column})


@dataclass(frozen=True)
class Inspection:
    """The shape of an uploaded file, as far as a bounded sample of it tells.

    headings: one name for each column, never empty, no two alike; `Mapping` uses these.
    original_headings: what the file has there, for the export ("" and repetitions included).
    preview: the first 10 rows, each as long as `headings`.
    heading_row: line (XLSX: row) of the headings, from 1; 0 where the file has none.
    sheet, sheets: of an XLSX file, the sheet that is read and all that can be.
    rows: how many rows there are where the sample reached the end (`rows_exact`), else about.
    """

    kind: Kind
    headings: list[str]
    preview: list[list[str]]
    mapping: Mapping
    encoding: str = "utf-8"
    delimiter: str = ","
    original_headings: list[str] = field(default_factory=list)
    heading_row: int = 1
    sheet: str | None = None
    sheets: list[str] = field(default_factory=list)
    rows: int = 0
    rows_exact: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form that `from_dict` reads; it holds the preview, so private texts."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return cls(**{**values, "mapping": Mapping(**values["mapping"])})


@dataclass(frozen=True, slots=True)
class Record:
    """A row that can be classified.

    number: of the row, from 1; rows that cannot be read count, blank ones do not.
    line: where it begins in the file, from 1, as an editor or spreadsheet program counts.
    sent_at: local time (China Standard Time) without zone, None where absent or unreadable.
    original: the cells as the file has them, at least one for each heading. More where an XLSX
        or JSONL row has cells that the headings do not cover.
    """

    number: int
    line: int
    text: str
    sent_at: datetime | None
    sender: str | None
    original: list[str]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be classified, and why (without its content)."""

    number: int
    line: int
    reason_zh: str
    reason_en: str
    column: str | None = None
