"""Rows and jobs for the tests of the store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from serve.triage.records import Job, NewBad, NewRow
from serve.triage.store import Store

BEGIN = datetime(2026, 3, 1, 8, 0)


def new_job(store: Store, **values: Any) -> Job:
    """Add a job in state `uploaded`."""
    given = {"name": "投诉.csv", "file_sha256": "0" * 64, "file_bytes": 3, "dialect": {}}
    return store.create_job(**{**given, "headings": ["内容", "时间"], **values})


def new_row(number: int, **values: Any) -> NewRow:
    """Return a row whose values follow from its number."""
    text = f"第{number}条：今天不还款就上门"
    given = {
        "number": number,
        "text": text,
        "text_key": f"{number:032x}",
        "sent_at": BEGIN + timedelta(hours=number) if number % 4 else None,
        "sender": f"1060{number % 3}" if number % 5 else None,
        "signature": None,
        "original": [text, "2026/3/1"],
        "label": "threat_extortion" if number % 2 else "lawful_reminder",
        "also": [],
        "confidence": 0.5 + (number % 10) / 20,
        "scores": {"threat_extortion": 0.9},
        "review": None if number % 3 else "low_confidence",
        "severity": float(number * 37 % 101),
        "severity_parts": [{"code": "label", "points": 1.0, "zh": "类别", "en": "label"}],
        "cluster": None,
    }
    return NewRow(**{**given, **values})


def filled_job(store: Store, rows: int = 20, bad: int = 1) -> Job:
    """Add a job that is done, with rows 1..rows and bad ones after them."""
    job = new_job(store)
    store.queue(job.id)
    store.claim_next()
    good = [new_row(number) for number in range(1, rows + 1)]
    wrong = [NewBad(rows + 1 + i, "空白", "blank", "内容") for i in range(bad)]
    assert store.append_chunk(job.id, 0, good, wrong, rows + bad, "model-1")
    store.finish(job.id)
    return store.job(job.id)
