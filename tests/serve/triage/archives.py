"""A small archive of all kinds of files, and its results read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

COUNT = 100
_KINDS = (
    "今天还款{n}",
    "砍死你，第{n}次",
    "不要脸{n}",
    "通讯录里的人都通知",
    " ",
    "天气很好",
    "门口等你",
)
TEXTS = [_KINDS[n % len(_KINDS)].format(n=n) for n in range(COUNT)]


def archive(folder: Path) -> Path:
    """Write the same rows as CSV in GB18030, JSONL and Parquet; return the folder."""
    folder.mkdir()
    times = [f"2026-03-{1 + n % 28:02d} 23:05" for n in range(COUNT)]
    senders = [f"1069{n % 7}" for n in range(COUNT)]
    rows = list(zip(TEXTS, times, senders, strict=True))
    lines = ["内容,时间,号码", *(",".join(row) for row in rows)]
    (folder / "a.csv").write_text("\n".join(lines), encoding="gb18030")
    names = ("内容", "时间", "号码")
    objects = [json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in rows]
    (folder / "b.jsonl").write_text("\n".join(objects), encoding="utf-8")
    table = pa.table(dict(zip(names, zip(*rows, strict=True), strict=True)))
    pq.write_table(table, folder / "c.parquet", row_group_size=30)
    return folder


def results(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows with verdicts, and the bad ones, of all parts in the order of their names."""
    good: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []
    for file in sorted(folder.glob("*.jsonl")):
        into = bad if file.name.endswith(".bad.jsonl") else good
        into += map(json.loads, file.read_text(encoding="utf-8").split("\n")[:-1])
    return good, bad
