"""Everything that reads bytes from outside, as functions of bytes that raise only upon a bug.

``guided.py`` fuzzes them; ``test_parsers.py`` replays the seeds and what was once found.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

sys.path.insert(0, str(Path(__file__).parent.parent / "triage"))
import pyarrow as pa
import pyarrow.parquet as pq
from filed import take, workbook

from data.labelmap import LabelMapError, read_label_map
from data.text import normalise
from model.manifest import ArtifactError, read_manifest
from serve.bodies import form_fields
from serve.factsform import read_facts
from serve.files.csvfile import CsvReader, CsvWriter
from serve.files.jsonl import JsonlReader, JsonlWriter
from serve.files.record import FileError
from serve.multipart import file_field
from serve.problems import ProblemError, preferred_language, problem_of
from serve.ratelimit import network_of
from serve.report.casefile import read_case
from serve.report.fromtext import message_of
from serve.report.schemas import ReportMessage, ReportRequest
from serve.schemas import ClassifyRequest
from serve.settings import is_loopback
from serve.terminal import FactsError, Style
from serve.triage.archive.plan import PLAN, make_plan
from serve.triage.archive.sources import ArchiveError, open_source
from serve.triage.intake import IntakeError
from serve.triage.keys import split_token
from serve.triage.schemas import ExportQuery, ReviewRequest, StartRequest

NAMES = ("a.csv", "a.tsv", "a.txt", "a.jsonl", "a", "a.json")
BODIES: tuple[type[BaseModel], ...] = (ClassifyRequest, ReportRequest, StartRequest, ReviewRequest)


@cache
def _folder() -> Path:
    memory = Path("/dev/shm")  # a file for each input: in memory where there is such a place
    made = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
    _kept.append(made)
    return Path(made.name)


_kept: list[tempfile.TemporaryDirectory[str]] = []
"""Removed with the process."""


def _file(data: bytes, name: str = "any") -> Path:
    path = _folder() / name
    path.write_bytes(data)
    return path


def upload(data: bytes) -> None:
    """An uploaded file; the first byte chooses its name."""
    take(_file(data[1:]), NAMES[data[0] % len(NAMES)] if data else "a")


@cache
def _book() -> dict[str, bytes]:
    rows = [["内容", "时间"], ["今天不还就上门", 46351.3], ["还钱", True], ["=1+1", "x" * 9]]
    path = workbook(_folder() / "book.xlsx", rows)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in sorted(archive.namelist())}


def book(data: bytes) -> None:
    """An XLSX file of which one part, that the first byte chooses, is the rest of the data."""
    parts = _book()
    chosen = list(parts)[data[0] % len(parts)] if data else ""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data[1:] if name == chosen else content)
    take(_file(buffer.getvalue()), "a.xlsx")


def archive(data: bytes) -> None:
    """A file that begins as an archive does."""
    take(_file(b"PK\x03\x04" + data), "a.xlsx")


def form(data: bytes) -> None:
    """The body of an HTML form, as each page reads it."""
    try:
        fields = form_fields(data)
    except ProblemError:
        return
    for read in (
        read_facts,
        lambda found: ReportMessage.model_validate(message_of(found)),
        ExportQuery.model_validate,
    ):
        _refused_by_schema(lambda read=read: read(fields))


def _refused_by_schema(read: Callable[[], object]) -> None:
    """Read; a refusal must have a body that can be sent."""
    try:
        read()
    except ValidationError as error:
        json.dumps(problem_of(error).body(), ensure_ascii=False).encode()
    except ProblemError as problem:
        json.dumps(problem.body(), ensure_ascii=False).encode()


def body(data: bytes) -> None:
    """The JSON of a request, as each route reads it."""
    for schema in BODIES:
        _refused_by_schema(lambda schema=schema: schema.model_validate_json(data))


def multipart(data: bytes) -> None:
    """A form with a file: the boundary in the first line, then the body."""
    head, _, rest = data.partition(b"\n")
    header = f"multipart/form-data; boundary={head.decode('latin-1')}"
    try:
        found = file_field(rest, header, "image")
    except ProblemError:
        return
    assert found in rest


def header(data: bytes) -> None:
    """What headers and addresses say."""
    said = data.decode("latin-1")
    assert preferred_language(said) in ("zh", "en")
    assert len(network_of(said)) <= 64
    is_loopback(said)
    assert all(part in said for part in split_token(said))


def text(data: bytes) -> None:
    """Normalisation: nothing is left to do after it, and it knows where all came from."""
    given = data.decode("utf-8", "surrogateescape")
    found = normalise(given)
    assert normalise(found.text).text == found.text
    assert len(found.offsets) == len(found.text)
    assert sorted(found.offsets) == list(found.offsets)
    for at in range(len(found.text)):
        start, end = found.original_span(at, at + 1)
        assert 0 <= start < end <= len(given)


def facts(data: bytes) -> None:
    """`--facts` of the command line."""
    said = data.decode("utf-8", "surrogateescape")
    try:
        Style.of(as_json=False, explain=True, facts=said, language="zh")
    except FactsError as error:
        str(error).encode()


def label_map(data: bytes) -> None:
    try:
        found = read_label_map(_file(data))
    except LabelMapError:
        return
    assert len(found.scheme.costs) == len(found.scheme.classes)


def manifest(data: bytes) -> None:
    _file(data, "manifest.json")
    try:
        _, files = read_manifest(_folder())
    except ArtifactError:
        return
    assert all(isinstance(part, str) for pair in files.items() for part in pair)


def rows(data: bytes) -> None:
    """A file of `dunlens classify` is read, and written again with what was wrong."""
    out = io.BytesIO()
    writer: Any = JsonlWriter(out)
    for record in JsonlReader(io.BytesIO(data), "text"):
        writer.write(record, None)
    assert all(isinstance(json.loads(line), dict) for line in out.getvalue().splitlines())
    try:
        reader = CsvReader(io.BytesIO(b"text," + data), "text")
    except FileError:
        return
    writer = CsvWriter(io.BytesIO(), reader.header, reader.line_end, reader.bom)
    for record in reader:
        writer.write(record, None)


def case(data: bytes) -> None:
    """A file of `dunlens report`."""
    for kind in ("jsonl", "csv"):
        start = b"text,sent_at,sender,count_today\n" if kind == "csv" else b""
        try:
            assert read_case(io.BytesIO(start + data), kind)
        except FileError as error:
            str(error).encode()


def parquet(data: bytes) -> None:
    """A Parquet file of an archive."""
    try:
        source = open_source(_file(data, "a.parquet"))
        assert len(list(source.records(0, source.count()))) == source.count()
    except IntakeError as error:
        str(error).encode()


def plan(data: bytes) -> None:
    """What an earlier run into the same folder has noted."""
    _file(data, PLAN)
    try:
        found = make_plan([], _folder(), "a")
    except ArchiveError:
        return
    assert all(part.start < part.stop for part, _ in zip(found.parts(), range(9), strict=False))


TARGETS: dict[str, Callable[[bytes], None]] = {
    found.__name__: found
    for found in (
        *(upload, book, archive, form, body, multipart, header),
        *(text, facts, label_map, manifest, rows, case, parquet, plan),
    )
}

_MAP = """
[[labels]]
name = "a"
zh = "甲"
en = "a"
unlawful = true
[none]
name = "n"
zh = "无"
en = "n"
[data]
text = "t"
[values]
"x" = "a"
"""
_PART = b'Content-Disposition: form-data; name="image"; filename="a"\r\n\r\nx\r\n'
_CSV = "内容,时间,号码\n今天不还就上门,2026-11-25 09:30,106\n"
_LINE = '{"text": "今天不还就上门", "sent_at": "2026-11-25 09:30", "count_today": 3}\n'.encode()
_SEEDS: dict[str, list[bytes]] = {
    "upload": [
        b"\x00" + _CSV.encode(),
        b"\x00" + _CSV.encode("gb18030"),
        b"\x00" + _CSV.encode("utf-16"),
        b"\x02" + _CSV.encode(),
        b"\x03" + _LINE,
    ],
    "form": [b"text=%E8%BF%98&received_at=23%3A30&count_today=3&format=csv&label=&q=x"],
    "body": [
        b'{"texts": ["x"], "explain": true, "facts": {"received_at": "23:30"}}',
        b'{"messages": [{"text": "x", "sent_at": "2026-03-01 23:30"}], "format": "pdf"}',
        b'{"mapping": {"text": "a", "sent_at": null}}',
        b'{"label": "harassment", "also": [], "note": "x", "reviewer": "y"}',
    ],
    "multipart": [b"b\n--b\r\n" + _PART + b"--b--\r\n"],
    "header": [b"zh-CN,zh;q=0.9,en;q=0.8", b"fe80::1%eth0", b"::ffff:192.0.2.7", b"dunlens_a_b"],
    "text": ["今.天.不.还，ｗ通xun录 ㎏ 死̶全家 還錢！！！！！\u202e\u200b".encode()],
    "facts": [b'{"received_at": "23:30", "count_today": 3, "received_on": "2026-03-01"}'],
    "label_map": [_MAP.encode()],
    "manifest": [b'{"version": "a+b", "files": {"a": "b"}}'],
    "rows": [_LINE, b"a\nx,y\n"],
    "plan": [
        b'{"model": "a", "column": null, "part_rows": 2, "refused": {"b": "c"}, "format": 1, '
        b'"files": {"a": {"bytes": 1, "mtime_ns": 2, "rows": 3}}}'
    ],
    "case": [_LINE, "今天不还就上门,2026/11/25 9:30,106,3\n".encode()],
}


def _table() -> bytes:
    values = {"内容": ["今天不还就上门", "x"], "n": [1, None], "更多": [[{"a": "甲"}], []]}
    buffer = io.BytesIO()
    pq.write_table(pa.table(values), buffer, row_group_size=1)
    return buffer.getvalue()


def seeds(target: str) -> list[bytes]:
    """Return small inputs from which the fuzzing of a target starts."""
    if target == "book":
        return [bytes([number]) + part for number, part in enumerate(_book().values())]
    if target == "archive":
        _book()
        return [(_folder() / "book.xlsx").read_bytes()[4:]]
    if target == "parquet":
        return [_table()]
    return _SEEDS[target]
