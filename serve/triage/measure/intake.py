"""``python -m serve.triage.measure.intake``: a large file is read in memory that does not grow.

Writes a file of made-up complaints into a temporary folder, reads it as a job does, and prints the
peak of the resident memory after 10,000 rows and at the end.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import xlsxwriter

from serve.triage.intake import BadRow, inspect, read_records

_HEADINGS: Final = ("编号", "投诉内容", "发送时间", "来电号码", "备注")
_SCRIPT: Final = (
    "编号{number}：您尾号{tail}的借款已逾期，今天不还就把你通讯录里的人挨个通知一遍，看你还怎么做人。"
    "我们已经掌握你家里和单位的全部情况，给你最后的机会，不要不识抬举，后果自己承担。"
)
_KINDS: Final = ("csv", "xlsx", "jsonl", "text")


def main() -> None:
    """Write, then read in a process of its own, so that writing does not count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kind", choices=_KINDS, default="csv")
    parser.add_argument("--chars", type=int, default=140, help="about as many in each message")
    parser.add_argument("--encoding", default="utf-8", help="of csv, jsonl and text")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read is not None:
        _read(options.read)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"complaints.{'txt' if options.kind == 'text' else options.kind}")
        rows = _rows(options.rows, options.chars)
        if options.kind == "xlsx":
            _write_xlsx(path, rows, folder)
        else:
            _write_text(path, rows, options.kind, options.encoding)
        print(f"{path.name}: {path.stat().st_size / 1e6:.0f} MB")
        command = [sys.executable, "-m", "serve.triage.measure.intake", "--read", str(path)]
        subprocess.run(command, check=True)  # noqa: S603  ourselves


def _read(path: Path) -> None:
    inspection = inspect(path, path.name)
    start, bad, number = time.process_time(), 0, 0
    for number, record in enumerate(read_records(path, inspection, inspection.mapping), 1):
        bad += isinstance(record, BadRow)
        if number == 10_000:
            print(f"peak RSS after {number} rows: {_peak_mib()} MiB", flush=True)
    spent = (time.process_time() - start) / max(1, number) * 1e6
    print(f"peak RSS after {number} rows ({bad} bad): {_peak_mib()} MiB; {spent:.0f} µs CPU a row")


def _peak_mib() -> int:
    """Return the peak of the resident memory; `getrusage` would count the process before exec."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def _rows(count: int, chars: int) -> Iterator[list[str]]:
    rng = random.Random(1)  # noqa: S311  made-up rows, no secret
    for number in range(1, count + 1):
        script = _SCRIPT.format(tail=rng.randrange(1000, 10000), number=number)
        text = (script * (1 + chars // len(script)))[:chars]
        phone = f"0{rng.randrange(10**9, 10**10)}"
        yield [f"{number:08}", text, "2026-11-25 08:03", phone, "某某派出所"]


def _write_xlsx(path: Path, rows: Iterator[list[str]], folder: str) -> None:
    """Write with shared strings, as spreadsheet programs do."""
    book = xlsxwriter.Workbook(str(path), {"tmpdir": folder})
    sheet = book.add_worksheet()
    for number, row in enumerate(chain([list(_HEADINGS)], rows)):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell)
    book.close()


def _write_text(path: Path, rows: Iterator[list[str]], kind: str, encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as stream:
        if kind == "csv":
            writer = csv.writer(stream)
            writer.writerow(_HEADINGS)
            writer.writerows(rows)
        for row in rows if kind != "csv" else ():
            line = row[1]
            if kind == "jsonl":
                line = json.dumps(dict(zip(_HEADINGS, row, strict=True)), ensure_ascii=False)
            stream.write(line + "\n")


if __name__ == "__main__":
    main()
