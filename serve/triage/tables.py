"""The tables. `migrations` makes and changes them; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from serve.triage.columns import JsonText, UtcTime

metadata = MetaData()
Id = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts up by itself there

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),  # of the uploaded file
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("state", String(16), nullable=False, index=True),
    Column("file_sha256", String(64), nullable=False),
    Column("file_bytes", BigInteger, nullable=False),
    Column("dialect", JsonText, nullable=False),  # kind, encoding, delimiter
    Column("headings", JsonText, nullable=False),
    Column("mapping", JsonText),
    Column("rows_total", Integer),  # None until the file has been counted
    Column("rows_done", Integer, nullable=False),  # read and stored, good and bad
    Column("rows_bad", Integer, nullable=False),
    Column("model", String(80)),
    Column("error", String(200)),
    Column("started_at", UtcTime),
    Column("finished_at", UtcTime),
    Column("owner_key", String(32)),
)

rows = Table(
    "rows",
    metadata,
    Column("job_id", ForeignKey("jobs.id"), primary_key=True),
    Column("number", Integer, primary_key=True),  # of the record in the file, from 1
    Column("text", Text, nullable=False),
    Column("text_key", String(64), nullable=False),
    Column("sent_at", DateTime),  # local time, as the file states it
    Column("sender", Text),
    Column("signature", Text),
    Column("original", JsonText, nullable=False),  # the cells, in the order of jobs.headings
    Column("label", String(32), nullable=False),
    Column("also", JsonText, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("scores", JsonText, nullable=False),
    Column("review", String(32)),
    Column("severity", Float, nullable=False),
    Column("severity_parts", JsonText, nullable=False),
    Column("cluster", Integer),
    Column("current_label", String(32), nullable=False),  # the reviewed one, else the model's
    Column("current_also", JsonText, nullable=False),
    Column("reviewed", Integer, nullable=False),  # reviews that have not been undone
    Index("ix_rows_cluster", "job_id", "cluster", "sender", "number"),
    Index("ix_rows_day", "job_id", "sent_at", "current_label"),
    Index("ix_rows_sender", "job_id", "sender", "severity"),
    Index("ix_rows_signature", "job_id", "signature", "severity"),
)
# The order of the desk page: the gravest first, and among equals as in the file.
_order = (rows.c.severity.desc(), rows.c.number)
_marks = (rows.c.review, rows.c.reviewed)  # so that filters by both need no look at the rows
Index("ix_rows_severity", rows.c.job_id, *_order, *_marks)
Index("ix_rows_label", rows.c.job_id, rows.c.current_label, *_order, *_marks)
Index("ix_rows_marks", rows.c.job_id, *_marks, *_order, rows.c.confidence)

bad_rows = Table(
    "bad_rows",
    metadata,
    Column("job_id", ForeignKey("jobs.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("reason_zh", Text, nullable=False),
    Column("reason_en", Text, nullable=False),
    Column("column", Text),
)

clusters = Table(
    "clusters",
    metadata,
    Column("job_id", ForeignKey("jobs.id"), primary_key=True),
    Column("id", Integer, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("first_number", Integer, nullable=False),
    Column("first_seen", DateTime),
    Column("last_seen", DateTime),
    Index("ix_clusters_size", "job_id", "size"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("job_id", ForeignKey("jobs.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("reviewer", String(80), nullable=False),
    Column("from_label", String(32), nullable=False),
    Column("from_also", JsonText, nullable=False),
    Column("to_label", String(32), nullable=False),
    Column("to_also", JsonText, nullable=False),
    Column("note", Text, nullable=False),
    Column("model", String(80), nullable=False),
    Column("undoes", Id),  # id of the review that this one takes back
    Index("ix_reviews_row", "job_id", "number"),
)

keys = Table(
    "keys",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("roles", JsonText, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("revoked_at", UtcTime),
)
