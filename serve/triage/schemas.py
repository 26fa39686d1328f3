"""What the triage API takes and gives, as pydantic models; they are also its description."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from data.rows import Label, Unlawful
from model.law import Answer
from serve.schemas import Probability

MAX_QUERY: Final = 200
"""Characters of a search or of a sender to filter by."""
MAX_PAGE_SIZE: Final = 200
MAX_PAGE: Final = 1_000_000
MAX_NOTE: Final = 500
MAX_REVIEWER: Final = 80

State = Literal["uploaded", "queued", "running", "done", "cancelled", "failed"]
Severity = Annotated[float, Field(ge=0, le=100)]

# JSON Schema's `date-time` demands a zone, which files of complaints do not state
LocalTime = Annotated[
    datetime, WithJsonSchema({"type": "string", "examples": ["2026-03-01T23:30:00"]})
]


class Given(BaseModel):
    """Base of what clients send: fields that we do not know are refused."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """Base of what clients get; it reads the attributes of the store's records."""

    model_config = ConfigDict(from_attributes=True)


class ColumnMapping(Out):
    """Which heading holds what; null where none does."""

    text: str
    sent_at: str | None = None
    sender: str | None = None
    recipient: str | None = None
    id: str | None = None


class JobOut(Out):
    """One uploaded file and how far its rows have come."""

    id: str
    name: str
    state: State
    created_at: datetime
    expires_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    file_bytes: int
    headings: list[str]
    mapping: ColumnMapping | None
    rows_total: int | None = Field(description="Null until the file has been counted.")
    rows_done: int = Field(description="Rows read and stored, those that could not be read too.")
    rows_bad: int
    model: str | None
    error: str | None
    rate: float | None = Field(None, description="Rows a second of late; null where not known.")
    seconds_left: float | None = None


class JobsOut(BaseModel):
    """The jobs, the newest first."""

    jobs: list[JobOut]


class InspectionOut(Out):
    """The shape of an uploaded file, with the columns guessed."""

    kind: Literal["csv", "xlsx", "jsonl", "text"]
    encoding: str
    delimiter: str
    headings: list[str]
    preview: list[list[str]] = Field(description="The first 10 rows.")
    mapping: ColumnMapping
    sheet: str | None
    sheets: list[str]
    rows: int
    rows_exact: bool


class UploadOut(BaseModel):
    """An upload that is on disk."""

    job: JobOut
    inspection: InspectionOut


class Columns(Given):
    """Which heading holds what, as confirmed by the user."""

    text: str = Field(min_length=1)
    sent_at: str | None = None
    sender: str | None = None
    recipient: str | None = None
    id: str | None = None


class StartRequest(Given):
    """Begin to classify the rows of an upload, or go on."""

    mapping: Columns | None = Field(
        None, description="May be left out where a job was stopped or has failed: it is kept."
    )


class RowsQuery(Given):
    """Which rows: those that meet all that is given."""

    label: Label | None = Field(None, description="The label now: as reviewed, else the model's.")
    review: bool | None = Field(None, description="Whether the model asks for a review.")
    reviewed: bool | None = None
    q: str | None = Field(
        None, max_length=MAX_QUERY, description="A part of the text, sender or signature."
    )
    sender: str | None = Field(None, max_length=MAX_QUERY)
    signature: str | None = Field(None, max_length=MAX_QUERY)
    cluster: int | None = Field(None, ge=0, le=2**31 - 1)
    sort: Literal["severity", "number", "sent_at", "confidence"] = "severity"
    order: Literal["asc", "desc"] = "desc"


class PageQuery(Given):
    """Which page of a list."""

    page: int = Field(1, ge=1, le=MAX_PAGE)
    size: int = Field(50, ge=1, le=MAX_PAGE_SIZE)

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.size


class RowsPageQuery(RowsQuery, PageQuery):
    """Which rows, and which page of them."""


class ExportQuery(RowsQuery):
    """Which rows, and in which kind of file."""

    format: Literal["csv", "xlsx"]
    sort: Literal["severity", "number", "sent_at", "confidence"] = "number"
    order: Literal["asc", "desc"] = "asc"


class RowOut(Out):
    """One row in a list. `current_*` is what the last review says, else the model's verdict."""

    number: int
    text: str
    sent_at: LocalTime | None = Field(description="As the file states it, without a zone.")
    sender: str | None
    signature: str | None
    label: Label
    also: list[Unlawful]
    confidence: Probability
    review: str | None
    severity: Severity
    cluster: int | None
    cluster_size: int = 1
    current_label: Label
    current_also: list[Unlawful]
    reviewed: int = Field(description="Reviews that have not been undone.")


class RowsOut(BaseModel):
    """A page of rows, and how many the filters let through in all."""

    total: int
    page: int
    size: int
    rows: list[RowOut]


class PartOut(BaseModel):
    """One reason of a severity score."""

    code: str
    points: float
    zh: str
    en: str


class CellOut(BaseModel):
    """One original cell."""

    heading: str
    value: str


class ReviewOut(Out):
    """One entry of the audit trail."""

    id: int
    at: datetime
    reviewer: str
    from_label: Label
    from_also: list[Unlawful]
    to_label: Label
    to_also: list[Unlawful]
    note: str
    model: str | None
    undoes: int | None = Field(description="The entry that this one takes back.")


class RowDetail(RowOut):
    """One row with everything that is known about it."""

    original: list[CellOut]
    scores: dict[str, Probability]
    severity_parts: list[PartOut]
    cluster_senders: int
    reviews: list[ReviewOut]


class SegmentOut(Out):
    """A part of a text; joined, the parts are the text."""

    text: str
    labels: list[Label] = Field(description="What the part is evidence for.")
    ends: list[Label] = Field(description="Those whose highlight ends with it.")


class ReasonsOut(BaseModel):
    """The words that decided, and what the law says of the label as it is now."""

    segments: list[SegmentOut]
    answer: Answer


class ReviewRequest(Given):
    """Confirm or correct a row."""

    label: Label
    also: list[Unlawful] = Field(default_factory=list, max_length=3)
    note: str = Field("", max_length=MAX_NOTE)
    reviewer: str | None = Field(
        None, max_length=MAX_REVIEWER, description="Ignored where a key says who it is."
    )


class UndoRequest(Given):
    """Take back one's last review of a row."""

    reviewer: str | None = Field(None, max_length=MAX_REVIEWER)


class ClusterOut(Out):
    """Near-duplicates: one script and who sent it, the most frequent first."""

    id: int
    size: int
    first_number: int
    first_seen: LocalTime | None
    last_seen: LocalTime | None
    text: str
    label: Label
    senders: list[str]
    sender_count: int


class ClustersOut(BaseModel):
    """A page of clusters of two rows or more, the largest first."""

    total: int
    page: int
    size: int
    clusters: list[ClusterOut]


class ClusterSendersOut(BaseModel):
    """All senders of one cluster, the most frequent first."""

    id: int
    senders: list[str]
    rows: list[int] = Field(description="How many rows each of the senders has in it.")


class BadOut(Out):
    """A record that could not be read; its content is not kept."""

    number: int
    reason_zh: str
    reason_en: str
    column: str | None


class BadRowsOut(BaseModel):
    """A page of records that could not be read, in the order of the file."""

    total: int
    page: int
    size: int
    rows: list[BadOut]


class DayOut(BaseModel):
    """Rows of one day by label."""

    day: str
    labels: dict[str, int]


class SenderOut(BaseModel):
    """A sender or a signature with its rows and the highest severity among them."""

    name: str
    rows: int
    severity: Severity


class AgreementOut(Out):
    """How far two reviewers agree on the rows that both have reviewed."""

    reviewers: tuple[str, str]
    rows: int
    agreed: float
    kappa: float | None = Field(description="Cohen's kappa; null where chance explains all.")


class SummaryOut(BaseModel):
    """Aggregates of a job."""

    labels: dict[str, int]
    days: list[DayOut]
    senders: list[SenderOut]
    signatures: list[SenderOut]
    clusters: int
    reviewed: int
    to_review: int
    agreement: list[AgreementOut]
