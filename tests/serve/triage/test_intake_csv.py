"""CSV as complaints come: any usual encoding and delimiter, untidy headings, broken rows."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import pytest
from filed import put, read, refused

from serve.triage.intake import (
    IntakeError,
    Mapping,
    count_records,
    csvtext,
    inspect,
    read_records,
    sniff,
)
from serve.triage.intake.limits import MAX_ROW_BYTES

BODY = (
    "编号,投诉内容,发送时间,来电号码\r\n"
    "001,今天不还就上门找你父母,2026/11/25 8:03,013800000000\r\n"
    '002,"您的借款已逾期，请尽快还款,谢谢\n客服",2026年11月26日 21:15,10690000\r\n'
)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be-bom", "big5hkscs"]
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = list(csv.reader(io.StringIO(BODY, newline="")))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    body = text.getvalue()
    if encoding == "big5hkscs":
        body = body.translate(
            str.maketrans(
                "编号内发时间来电码还门找借逾请尽谢", "編號內發時間來電碼還門找借逾請盡謝"
            )
        )
        body = body.translate(str.maketrans("诉容送号码后过谢户", "訴容送號碼後過謝戶"))
    if encoding == "utf-16-be-bom":
        data = b"\xfe\xff" + body.encode("utf-16-be")
    else:
        data = body.encode(encoding)
    inspection, good, bad = read(put(tmp_path, "a.csv", data))
    assert (inspection.kind, inspection.delimiter, bad) == ("csv", delimiter, [])
    assert inspection.rows == 2
    assert inspection.rows_exact
    assert len(good[0].original) == 4
    assert good[0].original[0] == "001"
    assert good[0].sent_at == datetime(2026, 11, 25, 8, 3)
    assert good[0].sender == "013800000000"
    assert "\n" in good[1].text
    assert [row.line for row in good] == [2, 3]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_lines_that_end_with_a_carriage_return_alone(tmp_path: Path, encoding: str) -> None:
    data = "内容,号码\r今天不还就上门,139\r请尽快还款,138\r".encode(encoding)
    inspection, good, bad = read(put(tmp_path, "a.csv", data))
    assert (inspection.mapping.text, bad) == ("内容", [])
    assert [(row.line, row.text) for row in good] == [(2, "今天不还就上门"), (3, "请尽快还款")]


def test_one_broken_line_does_not_turn_utf8_into_gb18030(tmp_path: Path) -> None:
    lines = [f"第{i}条，请尽快还款".encode() for i in range(50)]
    lines[7] = lines[7][:-1] + b"\xff"
    data = "内容\n".encode() + b"\n".join(lines)
    inspection, good, bad = read(put(tmp_path, "a.csv", data))
    assert inspection.encoding == "utf-8"
    assert len(good) == 49
    assert [(row.number, row.line) for row in bad] == [(8, 9)]
    assert "UTF-8" in bad[0].reason_zh


def test_the_encoding_is_told_from_later_parts_too(tmp_path: Path) -> None:
    ascii_part = b"text\n" + b"please pay now\n" * (sniff.SAMPLE_BYTES // 15 + 1000)
    path = put(tmp_path, "a.csv", ascii_part + "今天不还就上门\n".encode("gb18030"))
    assert inspect(path, "a.csv").encoding == "gb18030"


def test_headings_are_kept_as_they_are_and_named_apart(tmp_path: Path) -> None:
    data = "内容,内容,,备注\n今天不还就上门,说明一下,x,0012\n"
    inspection, good, _ = read(put(tmp_path, "a.csv", data))
    assert inspection.original_headings == ["内容", "内容", "", "备注"]
    assert inspection.headings == ["内容", "内容 (2)", "第3列", "备注"]
    assert good[0].original == ["今天不还就上门", "说明一下", "x", "0012"]
    _, good, _ = read(put(tmp_path, "a.csv", data), Mapping("内容 (2)"))
    assert good[0].text == "说明一下"


def test_own_cells_are_untouched(tmp_path: Path) -> None:
    cells = ["=1+1", "+86 138", " 空格 ", "0001", "110101199001011234", "a\r\nb", '引"号', "1E5"]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(
        [["内容", *[f"列{i}" for i in range(len(cells))]], ["今天不还就上门", *cells]]
    )
    _, good, bad = read(put(tmp_path, "a.csv", text.getvalue()))
    assert bad == []
    assert good[0].original[1:] == cells


def test_rows_that_cannot_be_read_are_listed_and_the_rest_goes_on(tmp_path: Path) -> None:
    data = (
        "内容,号码\n"
        "今天不还就上门,139\n"
        "   ,139\n"  # blank message
        "\n"  # no row
        "一,二,三\n"  # too many cells
        f"{'长' * 4001},1\n"
        '"坏引号"x,1\n'
        "最后一条短信,138\n"
        "只有内容\n"
        "多余的空格子,1,,\n"
    )
    _, good, bad = read(put(tmp_path, "a.csv", data))
    assert [row.text for row in good] == [
        "今天不还就上门",
        "最后一条短信",
        "只有内容",
        "多余的空格子",
    ]
    assert [row.original for row in good[2:]] == [["只有内容", ""], ["多余的空格子", "1"]]
    assert [(row.number, row.line, row.column) for row in bad] == [
        (2, 3, "内容"),
        (3, 5, None),
        (4, 6, "内容"),
        (5, 7, None),
    ]
    assert "4000" in bad[2].reason_zh
    assert all(f"第 {row.line} 行" in row.reason_zh for row in bad)
    assert all("坏引号" not in row.reason_zh + row.reason_en for row in bad)


def test_an_unclosed_quotation_costs_its_own_line_only(tmp_path: Path) -> None:
    rows = [f"第{i}条短信内容,{i}" for i in range(20)]
    rows[3] = '"没有闭合,3'
    _, good, bad = read(put(tmp_path, "a.csv", "内容,n\n" + "\n".join(rows)))
    assert [row.line for row in bad] == [5]
    assert len(good) == 19


def test_a_row_without_end_is_cut_at_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csvtext, "MAX_ROW_BYTES", 1000)
    endless = '"a\n",' * 400
    path = put(tmp_path, "a.csv", f"内容,n\n今天不还就上门,1\n{endless}\n再来一条短信,2\n")
    _, good, bad = read(path)
    assert [good[0].text, good[-1].text] == ["今天不还就上门", "再来一条短信"]
    assert "larger than limit" in bad[0].reason_en


def test_reading_goes_on_after_any_number(tmp_path: Path) -> None:
    data = "内容,n\n" + "".join(f"第{i}条,{i}\n" if i % 7 else ",\n ,x\n" for i in range(1, 60))
    path = put(tmp_path, "a.csv", data)
    inspection = inspect(path, "a.csv")
    whole = list(read_records(path, inspection, inspection.mapping))
    for start in (0, 1, 6, 7, 8, len(whole) - 1, len(whole), len(whole) + 5):
        assert list(read_records(path, inspection, inspection.mapping, start)) == whole[start:]
    assert count_records(path, inspection) == len(whole)


def test_titles_above_the_headings_are_passed_over(tmp_path: Path) -> None:
    data = "2026年11月投诉登记表,,\n制表：某某派出所,,\n序号,投诉内容,时间\n1,今天不还就上门,x\n"
    inspection, good, _ = read(put(tmp_path, "a.csv", data))
    assert inspection.heading_row == 3
    assert inspection.headings == ["序号", "投诉内容", "时间"]
    assert [(row.number, row.line) for row in good] == [(1, 4)]


def test_a_file_without_headings_loses_no_row(tmp_path: Path) -> None:
    data = "13800000000,2026-11-25 08:03,今天不还就上门\n13900000000,2026-11-26 09:00,请尽快还款\n"
    inspection, good, _ = read(put(tmp_path, "a.csv", data))
    assert inspection.heading_row == 0
    assert inspection.mapping == Mapping("第3列", sent_at="第2列", sender="第1列")
    assert [row.text for row in good] == ["今天不还就上门", "请尽快还款"]


def test_an_estimate_of_rows_is_near(tmp_path: Path) -> None:
    rows = "".join(f"{i},第{i}条短信：今天不还就上门找你父母,13800000000\n" for i in range(20_000))
    inspection = inspect(put(tmp_path, "a.csv", "编号,内容,号码\n" + rows), "a.csv")
    assert not inspection.rows_exact
    assert inspection.rows == pytest.approx(20_000, rel=0.1)
    assert len(inspection.preview) == 10


WIDE = ",".join(f"c{i}" for i in range(257)).encode() + b"\n" + b"a," * 256


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.csv", b"", "empty_file"),
        ("a.csv", "内容,时间\n".encode(), "no_rows"),
        ("a.csv", b"1,2\n3,4\n", "no_text_column"),
        ("a.csv", WIDE, "too_many_columns"),
        ("a.csv", bytes(range(256)) * 8, "not_text"),
        ("a.csv", "Grüße\n".encode("latin-1") * 30 + b"\x80\x81\xff\n" * 30, "unknown_encoding"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_excel"),
        ("a.pdf", b"%PDF-1.7\n\x00\x01\x02", "not_text"),
        ("a.csv", b"\xff" * (MAX_ROW_BYTES + 10), "unknown_encoding"),
    ],
)  # fmt: skip
def test_what_is_no_use_is_refused_with_its_reason(
    tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    assert refused(put(tmp_path, name, data)).code == code


def test_a_file_over_the_limit_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sniff, "MAX_FILE_BYTES", 100)
    error = refused(put(tmp_path, "a.csv", "内容\n" + "短信\n" * 50))
    assert (error.code, error.field, error.limit) == ("file_too_large", "file", 100)
    assert "100" in error.zh
    assert "100" in error.en


@pytest.mark.parametrize("role", ["text", "sent_at", "sender"])
def test_a_mapping_to_a_missing_column_names_the_role(tmp_path: Path, role: str) -> None:
    path = put(tmp_path, "a.csv", BODY)
    inspection = inspect(path, "a.csv")
    mapping = Mapping.from_dict({"text": "投诉内容", role: "没有这一列"})
    with pytest.raises(IntakeError) as caught:
        read_records(path, inspection, mapping)
    assert (caught.value.code, caught.value.field) == ("unknown_column", f"mapping.{role}")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "no_text_column"),
        ({"text": ""}, "no_text_column"),
        ({"text": None}, "no_text_column"),
        ({"text": 1}, "bad_mapping"),
        ({"text": "a", "x": "b"}, "bad_mapping"),
    ],
)
def test_a_mapping_from_outside_is_checked(values: dict[str, object], code: str) -> None:
    with pytest.raises(IntakeError) as caught:
        Mapping.from_dict(values)
    assert caught.value.code == code
