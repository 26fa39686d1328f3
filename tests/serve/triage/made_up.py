"""Rows with made-up texts and verdicts, put into the store as the runner would have done."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta

from data.labels import LABELS
from serve.triage.intake import Inspection, Mapping
from serve.triage.records import Job, NewBad, NewRow
from serve.triage.severity import Part
from serve.triage.store import Store

HEADINGS = ["编号", "时间", "号码", "投诉内容"]
TEXTS = {
    "lawful_reminder": "【某某消费金融】您尾号{n:04d}的借款已逾期{d}天，应还{a}.00元，请尽快还款，"
    "如有困难可致电客服协商。",
    "harassment": "{name}，欠钱不还还有脸睡觉？不要脸的东西，从今天起每天给你打{d}个电话，"
    "打到你还为止。",
    "threat_extortion": "{name}，今天下午{d}点前不还{a}元，就带人去你家门口等你，"
    "再把你的照片群发给通讯录里所有人。",
    "privacy_disclosure": "您好，您的同事{name}在我平台借款逾期{d}天，欠款{a}元，"
    "身份证尾号{n:04d}，请转告他尽快还款，否则我们将继续联系你们单位。",
    "out_of_scope": "您的验证码是{n:04d}{n:04d}，{d}分钟内有效，请勿泄露。",
}
WEIGHTS = {
    "lawful_reminder": 40,
    "harassment": 22,
    "threat_extortion": 16,
    "privacy_disclosure": 12,
    "out_of_scope": 10,
}
BASE = {"lawful_reminder": 8, "harassment": 45, "threat_extortion": 75, "privacy_disclosure": 60}
CHUNK = 2_000


def made_up_rows(count: int, seed: int = 4) -> Iterator[NewRow]:
    """Yield rows 1..count; the same ones for the same seed."""
    pick = random.Random(seed)
    names = [a + b for a in "赵钱孙李周吴郑王" for b in ("某", "某某", "某华", "某强")]
    senders = [f"1069{pick.randrange(10**8):08d}" for _ in range(max(20, count // 40))]
    start = datetime(2026, 1, 5, 6, 0)
    for number in range(1, count + 1):
        label = pick.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        text = TEXTS[label].format(
            n=pick.randrange(10_000),
            d=pick.randrange(1, 90),
            a=pick.randrange(500, 90_000),
            name=pick.choice(names),
        )
        also = ["privacy_disclosure"] if label == "threat_extortion" and number % 3 else []
        confidence = round(pick.uniform(0.4, 0.99), 4)
        sent_at = start + timedelta(minutes=pick.randrange(60 * 24 * 60))
        night = sent_at.hour < 8
        parts = [Part(label, BASE.get(label, 0), f"类别：{label}", f"category: {label}")]
        if also:
            parts.append(Part("also", 10, "另有泄露隐私", "privacy disclosure as well"))
        if night:
            parts.append(Part("night", 5, "夜间发送", "sent at night"))
        parts.append(Part("confidence", round(8 * confidence, 1), "把握", "confidence"))
        sender = pick.choice(senders[: 1 + number % len(senders)])
        yield NewRow(
            number=number,
            text=text,
            text_key=hashlib.md5(text.encode()).hexdigest(),
            sent_at=sent_at,
            sender=sender,
            signature="某某消费金融" if label == "lawful_reminder" else None,
            original=[f"T{number:07d}", sent_at.isoformat(" "), sender, text],
            label=label,
            also=also,
            confidence=confidence,
            scores={x: 0.93 if x == label or x in also else 0.03 for x in LABELS},
            review="low_confidence" if confidence < 0.6 else None,
            severity=min(100.0, sum(part.points for part in parts)),
            severity_parts=[asdict(part) for part in parts],
            cluster=1 + int(pick.paretovariate(0.9)) % max(2, count // 20),
        )


def fill(store: Store, count: int, name: str = "投诉清单.csv", bad: int = 3) -> Job:
    """Make a finished job of `count` made-up rows and `bad` unreadable ones; return it."""
    inspection = Inspection(
        kind="csv",
        headings=HEADINGS,
        preview=[],
        mapping=Mapping(text="投诉内容", sent_at="时间", sender="号码"),
        original_headings=HEADINGS,
        rows=count + bad,
        rows_exact=True,
    )
    job = store.create_job(
        name=name,
        file_sha256="0" * 64,
        file_bytes=count * 200,
        dialect=inspection.to_dict(),
        headings=HEADINGS,
        mapping=inspection.mapping.to_dict(),
    )
    store.queue(job.id)
    store.claim_next()
    chunk: list[NewRow] = []
    done = 0
    for row in made_up_rows(count):
        chunk.append(row)
        if len(chunk) == CHUNK or row.number == count:
            assert store.append_chunk(job.id, done, chunk, [], row.number, "made-up")
            done, chunk = row.number, []
    lost = [
        NewBad(done + i, "文本为空白", "the text is blank", "投诉内容") for i in range(1, bad + 1)
    ]
    assert store.append_chunk(job.id, done, [], lost, done + bad, "made-up")
    store.finish(job.id)
    return store.job(job.id)
