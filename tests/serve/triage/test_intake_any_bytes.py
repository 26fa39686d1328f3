"""Whatever is uploaded: rows or a refusal, never an unhandled error."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from filed import take, workbook
from hypothesis import example, given, settings
from hypothesis import strategies as st

NAMES = st.sampled_from(
    ["a.csv", "a.tsv", "a.xlsx", "a.jsonl", "a.json", "a.txt", "短信", "a.", ""]
)
PIECES = st.sampled_from(
    [
        b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", "内容,时间\n".encode(), b"text,time\n",
        "内容\t时间\n".encode("gb18030"), b'{"text": "', '今天不还就上门"}\n'.encode(),
        b'"', b'""', b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\0", b"[", b"{}", b"{", b" ", b"0",
        b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"2026-11-25", b"13800000000", "😀还钱".encode(),
        b"\xed\xa0\x80", b"\xf8\x88", "短信".encode("utf-16-le"), b'"\\ud800"',
    ]
)  # fmt: skip
BYTES = st.binary(max_size=200) | st.lists(PIECES | st.binary(max_size=6), max_size=30).map(
    b"".join
)


@settings(deadline=None)
@given(data=BYTES, name=NAMES)
@example(data=b'{"text": "\\ud800"}', name="a.jsonl")
@example(data=b"\xff\xfe", name="a.csv")
@example(data=b"\xff\xfeA", name="a.csv")
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(data)
    take(path, name)


def _parts(folder: Path) -> dict[str, bytes]:
    path = workbook(
        folder / "a.xlsx", [["内容", "时间"], ["今天不还就上门", 46351.3], ["还钱", True]]
    )
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@settings(deadline=None)
@given(st.data())
def test_any_workbook(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """One part is changed at some place, or the packed file is."""
    parts = _parts(tmp_path_factory.getbasetemp())
    name = data.draw(st.sampled_from(sorted(parts)))
    parts[name] = _changed(parts[name], data)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for part, content in parts.items():
            archive.writestr(zipfile.ZipInfo(part), content, zipfile.ZIP_DEFLATED)
    packed = buffer.getvalue()
    if data.draw(st.booleans()):
        packed = _changed(packed, data)
    path = tmp_path_factory.getbasetemp() / "any.xlsx"
    path.write_bytes(packed)
    take(path, "a.xlsx")


def _changed(content: bytes, data: st.DataObject) -> bytes:
    at = data.draw(st.integers(0, len(content)))
    length = data.draw(st.integers(0, 40))
    put = data.draw(
        st.binary(max_size=8) | st.sampled_from([b"<", b'"', b"-1", b"99999999999", b"x"])
    )
    return content[:at] + put + content[at + length :]
