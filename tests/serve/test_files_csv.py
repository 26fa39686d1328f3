"""CSV in, CSV out: own cells untouched, added columns safe, broken rows kept."""

from __future__ import annotations

import csv
import io
import json
import time
from typing import Any

import pytest
from fakes import FakeClassifier, verdict

from serve.files import classify_file
from serve.files.csvfile import ADDED, CsvReader, neutral
from serve.files.record import FileError


def run(content: str | bytes, **options: Any) -> tuple[list[list[str]], list[tuple[int, str]], str]:
    """Return the rows of the result with its header, the bad rows as reported, and its text."""
    data = content.encode() if isinstance(content, str) else content
    target, bad = io.BytesIO(), []
    classify_file(
        io.BytesIO(data),
        target,
        FakeClassifier(),
        format="csv",
        on_bad=lambda line, error: bad.append((line, error)),
        **options,
    )
    text = target.getvalue().decode()
    return list(csv.reader(io.StringIO(text, newline=""))), bad, text


def test_rows_are_copied_and_get_columns() -> None:
    rows, bad, _ = run("id,text\n1,请还款\n2,不还就在门口等你，告诉你同事\n")
    assert bad == []
    assert rows[0] == ["id", "text", *ADDED]
    assert rows[1][:2] == ["1", "请还款"]
    assert json.loads(rows[2][2]) == verdict("在门口等你同事").to_dict()
    assert rows[2][3:] == ["threat_extortion", "privacy_disclosure", "", ""]


def test_own_cells_are_untouched_even_formulas_and_line_ends() -> None:
    cells = ["=1+1", "-5", "@x", '引"号', "a\nb", "c\r\nd", "e\rf", " 空格 ", "，"]
    source = io.StringIO(newline="")
    csv.writer(source).writerow(["text", *[f"c{i}" for i in range(len(cells))]])
    csv.writer(source).writerow(["还款", *cells])
    rows, bad, _ = run(source.getvalue())
    assert bad == []
    assert rows[1][1 : 1 + len(cells)] == cells
    rows, bad, _ = run('text,c\n还款,"e\rf"\n')
    assert (rows[1][1], bad) == ("e\rf", [])


@pytest.mark.parametrize("start", list("=+-@\t\r"))
def test_added_cells_never_start_a_formula(start: str) -> None:
    assert neutral(start + "x") == "'" + start + "x"
    assert neutral("x" + start) == "x" + start


@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_with_and_without_bom(bom: str) -> None:
    rows, bad, text = run(f'{bom}"text",id\r\n还款,1\r\n')
    assert bad == []
    assert text.startswith("\ufeff") == bool(bom)
    assert rows[0][0].removeprefix("\ufeff") == "text"
    assert rows[1][3] == "lawful_reminder"
    assert text.endswith("\r\n")


def test_columns_of_an_earlier_run_are_replaced() -> None:
    first = run("text,note\n还款,x\n不要脸\n")[2]
    second = run(first)[2]
    assert second == first
    rows, _, _ = run("verdict,text,verdict_label\nold,还款,old\n")
    assert rows[0] == ["text", *ADDED]
    assert "old" not in rows[1]


def test_bad_rows_are_kept_with_line_numbers() -> None:
    content = 'id,text\n1,还款\n2,\n3\n\n4,"两\n行"\n5,a,b,c\n6,' + "长" * 4001 + "\n7,还款\n"
    rows, bad, _ = run(content)
    assert [line for line, _ in bad] == [3, 4, 8, 9]
    assert all("text" in error for line, error in bad if line != 8)
    by_id = {row[0]: row for row in rows[1:]}
    assert by_id["2"][2:6] == ["", "", "", ""]
    assert "text" in by_id["2"][6]
    assert by_id["4"][1] == "两\n行"
    assert by_id["4"][3] == "out_of_scope"
    assert by_id["5"][:2] == ["5", "a"]
    assert by_id["5"][7:] == ["b", "c"], "surplus cells follow the added columns"
    assert by_id["6"][1] == "长" * 4001
    assert by_id["7"][3] == "lawful_reminder"


def test_an_unclosed_quotation_costs_one_row_only() -> None:
    content = 'id,text\n1,"还款\n' + "".join(f"{i},还款\n" for i in range(2, 400))
    rows, bad, _ = run(content)
    assert [line for line, _ in bad] == [2]
    assert rows[1][-1] == '1,"还款'
    assert [row[0] for row in rows[2:]] == [str(i) for i in range(2, 400)]
    assert all(row[3] == "lawful_reminder" for row in rows[2:])


def test_many_broken_rows_are_read_nearly_as_fast_as_good_ones() -> None:
    def read(row: str) -> tuple[int, float]:
        data = ("id,text\n" + row * 20_000 + "2,还款\n").encode()
        started = time.process_time()
        bad = sum(record.error is not None for record in CsvReader(io.BytesIO(data), "text"))
        return bad, time.process_time() - started

    good_s = min(read("1,还款\n")[1] for _ in range(3))
    for row in ('1,"还"款\n', '1,"还款\n'):
        bad, seconds = read(row)
        assert bad == 20_000
        assert seconds < 8 * good_s + 0.1  # 20 times where the work grows with its square


def test_the_raw_line_of_a_broken_row_never_is_a_formula() -> None:
    rows, bad, _ = run('text,id\n=HYPERLINK(1),"x"y\n')
    assert len(bad) == 1
    assert rows[1][-1] == '\'=HYPERLINK(1),"x"y'


def test_a_first_line_that_is_a_message_is_not_shown() -> None:
    with pytest.raises(FileError, match=r"2 列.*the first line must name the columns") as caught:
        run("机密内容,还款\n再来,一条\n")
    assert "机密" not in str(caught.value)


def test_text_after_a_closing_quotation_is_reported() -> None:
    rows, bad, _ = run('id,text\n1,"还"款\n2,还款\n')
    assert [line for line, _ in bad] == [2]
    assert rows[2][3] == "lawful_reminder"


def test_invalid_utf8_in_one_row() -> None:
    rows, bad, _ = run(b"id,text\n1," + b"\xbb\xb9\n2,x\n")
    assert [line for line, _ in bad] == [2]
    assert rows[1][1] == "\\xbb\\xb9"
    assert rows[2][3] == "out_of_scope"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("编号,内容\n1,还款\n".encode("gb18030"), "iconv"),
        ("编号,内容\n".encode(), "--text-field"),
        (b"", "--text-field"),
        (b'"text\n', "header"),
    ],
)
def test_files_that_cannot_be_used_at_all(content: bytes, words: str) -> None:
    with pytest.raises(FileError, match=words):
        run(content)


def test_another_column_and_duplicate_headers() -> None:
    rows, bad, _ = run("x,内容,x\n1,还款,2\n", field="内容")
    assert (rows[1][:3], rows[1][4], bad) == (["1", "还款", "2"], "lawful_reminder", [])


def test_header_only() -> None:
    assert run("text\n")[0] == [["text", *ADDED]]
