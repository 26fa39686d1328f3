"""JSON Lines in, JSON Lines out: copies, verdicts, bad rows, constant memory."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from fakes import FakeClassifier, verdict

from serve.files import classify_file
from serve.files.lines import read_lines
from serve.files.run import BATCH


def run(content: bytes, **options: Any) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    """Return the rows of the result and the bad rows as reported."""
    target, bad = io.BytesIO(), []
    outcome = classify_file(
        io.BytesIO(content),
        target,
        FakeClassifier(),
        format="jsonl",
        on_bad=lambda line, error: bad.append((line, error)),
        **options,
    )
    rows = [json.loads(line) for line in target.getvalue().split(b"\n") if line]
    assert outcome.rows == len(rows)
    assert outcome.bad == len(bad)
    return rows, bad


def test_rows_are_copied_in_order_and_get_a_verdict() -> None:
    source = [{"text": "请还款", "id": 1, "嵌套": {"a": [1.5, None]}}, {"id": 2, "text": "不要脸"}]
    rows, bad = run("\n".join(json.dumps(r) for r in source).encode())
    assert bad == []
    for row, original in zip(rows, source, strict=True):
        assert row.pop("verdict") == verdict(str(original["text"])).to_dict()
        assert row == original
        assert list(row) == list(original)


def test_an_earlier_verdict_is_replaced() -> None:
    rows, _ = run(b'{"verdict": 1, "text": "x", "verdict_error": "old", "error": "mine"}')
    assert rows[0]["verdict"]["label"] == "out_of_scope"
    assert "verdict_error" not in rows[0]
    assert rows[0]["error"] == "mine"


def test_bad_rows_are_kept_and_do_not_stop_the_rest() -> None:
    lines = [
        '{"text": "请还款"}',
        '{"text": ',
        "",
        '{"other": 1}',
        '{"text": 5, "id": 7}',
        '{"text": " "}',
        json.dumps({"text": "长" * 4001, "id": 8}),
        "[1]",
        "NaN",
        '{"text": "x", "n": NaN}',
        '{"text": "x", "n": 1e999}',
        "[" * 100_000,
        '{"text": "还款"}',
    ]
    rows, bad = run("\n".join(lines).encode())
    assert [line for line, _ in bad] == [2, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert all("text" in error for line, error in bad if line in (4, 5, 6, 7))
    assert "4000" in dict(bad)[7]
    assert rows[0]["verdict"]["label"] == rows[-1]["verdict"]["label"] == "lawful_reminder"
    for row in rows[1:-1]:
        assert row["verdict"] is None
        assert row["verdict_error"]
    assert rows[1]["line"] == 2
    assert rows[1]["raw"] == '{"text": '
    assert rows[3]["id"] == 7
    assert rows[5] == rows[5] | {"text": "长" * 4001, "id": 8}


def test_reports_do_not_quote_content() -> None:
    _, bad = run('{"text": "机密" oops}\n{"text": ["机密"]}\n"机密"'.encode())
    assert len(bad) == 3
    assert not any("机密" in error for _, error in bad)


def test_bom_crlf_and_a_missing_last_line_end() -> None:
    rows, bad = run('\ufeff{"text": "还款"}\r\n{"text": "不要脸"}'.encode())
    assert bad == []
    assert [row["verdict"]["label"] for row in rows] == ["lawful_reminder", "harassment"]


def test_unicode_line_separators_do_not_end_a_row() -> None:
    rows, bad = run('{"text": "还\u2028款\u0085还款"}\n'.encode())
    assert (len(rows), bad) == (1, [])


def test_lone_surrogates_survive() -> None:
    rows, bad = run(b'{"text": "\\ud83d \xe8\xbf\x98\xe6\xac\xbe"}\n')
    assert bad == []
    assert rows[0]["text"] == "\ud83d 还款"


def test_invalid_utf8_is_a_bad_row_that_stays_readable() -> None:
    rows, bad = run(b'{"text": "\xbb\xb9"}\n{"text": "x"}')
    assert [line for line, _ in bad] == [1]
    assert rows[0]["raw"] == '{"text": "\\xbb\\xb9"}'
    assert rows[1]["verdict"]


def test_another_field() -> None:
    rows, _ = run('{"内容": "还款", "text": 1}'.encode(), field="内容")
    assert rows[0]["verdict"]["label"] == "lawful_reminder"


def test_an_over_long_line_is_skipped_not_loaded() -> None:
    lines = list(read_lines(io.BytesIO(b"a\n" + b"b" * 5000 + b"\nc\n"), max_bytes=100))
    assert [(line.number, bool(line.error)) for line in lines] == [
        (1, False),
        (2, True),
        (3, False),
    ]
    assert lines[2].text == "c\n"


def test_empty_input() -> None:
    assert run(b"") == ([], [])


class Endless(io.RawIOBase):
    """A stream of many rows that are made when they are read."""

    def __init__(self, rows: int) -> None:
        self._rows: Iterator[bytes] = (
            json.dumps({"text": "请还款" * 60, "id": i}).encode() + b"\n" for i in range(rows)
        )
        self._rest = b""
        self.made = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = next(self._rows, b"")
            self.made += bool(self._rest)
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


class Sink(io.RawIOBase):
    """Forgets what is written."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return len(data)


@pytest.mark.parametrize("rows", [20_000])
def test_memory_is_constant(rows: int) -> None:
    class Forgetful(FakeClassifier):
        def classify(self, texts: Any) -> Any:
            assert len(texts) <= BATCH
            result = super().classify(texts)
            self.calls[1:] = []
            return result

    source = Endless(rows)
    tracemalloc.start()
    outcome = classify_file(
        io.BufferedReader(source), io.BufferedWriter(Sink()), Forgetful(), format="jsonl"
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert outcome.rows == source.made == rows
    assert peak < 4 * 2**20  # the rows are 12 MB
