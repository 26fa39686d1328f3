"""What the report says: its parts in order, its figures, and what it must never say."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest
from report_case import (
    CHAT,
    REMINDER,
    THREAT,
    VERSIONS,
    document,
    explain,
    provision,
    request,
    words,
)

from serve.report.content import build
from serve.report.document import (
    Block,
    Bullets,
    Document,
    Heading,
    Notice,
    PageBreak,
    Pairs,
    Paragraph,
    Quotation,
    Runs,
    Signature,
    Table,
)
from serve.report.provisions import cited, ranges
from serve.report.words import FACTS, UNKNOWN, WORDS

CASE = (
    {"text": CHAT},
    {"text": THREAT, "sent_at": "2026-11-20 23:05", "sender": "138****0000"},
    {"text": REMINDER, "sent_at": "2026-11-18"},
)


def plain(runs: Runs) -> str:
    return "".join(run.text for run in runs)


def outline(made: Document) -> list[str]:
    """Return the kind of each block, with the text of headings and the names of pairs."""
    lines = []
    for block in made.blocks:
        line = type(block).__name__
        if isinstance(block, Heading):
            line = "#" * block.level + " " + plain(block.runs)
        elif isinstance(block, Pairs):
            line = "Pairs " + " | ".join(name for name, _ in block.rows)
        elif isinstance(block, Bullets):
            line = f"Bullets {len(block.items)}"
        lines.append(line)
    return lines


def everything(made: Document) -> str:
    return "\n".join([made.title, plain(made.subtitle), made.footer, *map(_text, made.blocks)])


def _text(block: Block) -> str:
    match block:
        case Heading(_, runs) | Paragraph(runs) | Notice(runs) | Quotation(runs):
            return plain(runs)
        case Bullets(items):
            return "\n".join(map(plain, items))
        case Pairs(rows):
            return "\n".join(f"{name} {plain(value)}" for name, value in rows)
        case Table(head, rows, _):
            return "\n".join([*head, *(plain(cell) for row in rows for cell in row)])
        case Signature(lines):
            return "\n".join(lines)
    return ""


def pairs_of(made: Document, number: int) -> dict[str, str]:
    """Return what is said about message `number`, counted from 1."""
    quoted = [i for i, block in enumerate(made.blocks) if isinstance(block, Quotation)]
    block = made.blocks[quoted[number - 1] + 1]
    assert isinstance(block, Pairs)
    return {name: plain(value) for name, value in block.rows}


def test_the_parts_in_their_order() -> None:
    assert outline(document(*CASE, title="某案")) == [
        "Pairs 案件名称 | 信息数量 | 时间范围 | 程序分类 | 报告编号 | 程序版本 | 模型版本",
        "# 这份报告是什么",
        "Paragraph",
        "Notice",
        "# 时间顺序",
        "Paragraph",
        "Table",
        "# 逐条内容",
        "Paragraph",
        "## 第 1 条 · 2026-11-18",
        "Quotation",
        "Pairs 分类 | 依据的词语 | 使用者陈述 | 可能相关条文 | 原文 SHA-256",
        "## 第 2 条 · 2026-11-20 23:05 · 138****0000",
        "Quotation",
        "Pairs 分类 | 另外可能涉嫌 | 依据的词语 | 使用者陈述 | 结合陈述 | 可能相关条文"
        " | 原文 SHA-256",
        "## 第 3 条",
        "Quotation",
        "Pairs 分类 | 依据的词语 | 使用者陈述 | 可能相关条文 | 原文 SHA-256",
        "# 可能相关的法律条文",
        "Notice",
        "Bullets 1",
        "## 虚构法 第七条  虚构行为",
        "Pairs 涉及信息 | 概要 | 最高后果 | 一条信息看不出的条件 | 效力和来源",
        "# 仅供参考的规范和看法",
        "Paragraph",
        "Bullets 1",
        "# 程序无法知道的事",
        "Bullets 6",
        "# 如何核对原文",
        "Paragraph",
        "Signature",
        "PageBreak",
        "# 给本人的提示",
        "Paragraph",
        "Notice",
        "Notice",
        "## 可以怎么做",
        "Bullets 1",
        "## 联系谁",
        "Pairs 00000",
        "## 保留哪些证据",
        "Bullets 2",
        "Paragraph",
    ]


def test_the_same_parts_in_english() -> None:
    kinds = [re.sub(r"^(#+|\w+).*", r"\1", line) for line in outline(document(*CASE))]
    english = document(*CASE, language="en")
    assert [re.sub(r"^(#+|\w+).*", r"\1", line) for line in outline(english)] == kinds
    assert not re.search("[\u4e00-\u9fff]", english.title + english.footer)
    assert "may amount to 'threat or extortion'" in everything(english)


def test_what_is_said_about_a_threat() -> None:
    said = pairs_of(document(*CASE), 2)
    assert said == {
        "分类": "可能涉嫌“威胁、恐吓、敲诈勒索”类行为；把握高，约 95%",
        "另外可能涉嫌": "泄露隐私",
        "依据的词语": "威胁、恐吓、敲诈勒索：“门口等你”。模型给出的概率，完整原文约 96%，"
        "去掉这些词语后约 12%，只保留这些词语约 93%。\n"
        "泄露隐私：“同事”。模型给出的概率，完整原文约 96%，"
        "去掉这些词语后约 12%，只保留这些词语约 93%。",
        "使用者陈述": "收到日期 2026-11-20；收到时间 23:05",
        "结合陈述": "时间不当（来源：二手资料）",
        "可能相关条文": "虚构法：第七条",
        "原文 SHA-256": hashlib.sha256(THREAT.encode()).hexdigest(),
    }


def test_the_words_that_decided_are_marked_in_the_original_and_nothing_else() -> None:
    made = document(THREAT)
    [quoted] = [block.runs for block in made.blocks if isinstance(block, Quotation)]
    assert plain(quoted) == THREAT
    marked = {run.text: run.label for run in quoted if run.label}
    assert marked == {"门口等你": "threat_extortion", "同事": "privacy_disclosure"}


def test_a_provision_shows_its_condition_its_status_and_the_messages() -> None:
    made = document(*CASE)
    [block] = [b for b in made.blocks if isinstance(b, Pairs) and b.rows[0][0] == "涉及信息"]
    assert {name: plain(value) for name, value in block.rows} == {
        "涉及信息": "第 2 条",
        "概要": "虚构的概要",
        "最高后果": "虚构的后果",
        "一条信息看不出的条件": "多次",
        "效力和来源": "行政；2026-01-01 起施行；第六条；条文已读〔R1〕",
    }


def test_a_provision_that_was_not_read_is_never_shown() -> None:
    unread = provision().model_copy(update={"source": "S"})
    known = explain(THREAT)
    answer = known.answer.model_copy(update={"provisions": (unread,)})
    with pytest.raises(ValueError, match="invented-7 is not marked as read"):
        build(request(THREAT), [replace(known, answer=answer)], VERSIONS)


def test_chronology_sorts_by_time_and_names_what_is_not_stated() -> None:
    [table] = [b for b in document(*CASE).blocks if isinstance(b, Table)]
    assert [[plain(cell) for cell in row] for row in table.rows] == [
        ["1", "2026-11-18", "未填写", "合法提醒", "高，约 95%", "【某某】请还款"],
        [
            "2",
            "2026-11-20 23:05",
            "138****0000",
            "可能涉嫌“威胁、恐吓、敲诈勒索”类行为",
            "高，约 95%",
            THREAT[:14] + "…",
        ],
        ["3", "未填写", "未填写", "与催收无关", "高，约 95%", "早上好"],
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nobody_is_called_guilty(language: str) -> None:
    said = everything(document(*CASE, "也许门口等你", language=language))
    assert not re.search("已构成|构成犯罪|违法事实|罪犯|犯罪分子|is guilty|committed", said)
    assert ("不认定任何人违法或有罪" if language == "zh" else "finds nobody guilty") in said


def test_what_the_program_cannot_know_is_said_in_full() -> None:
    said = everything(document(REMINDER))
    assert all(line in said for line in UNKNOWN["zh"])


def test_facts_are_those_stated_and_the_time_of_sending_completes_them() -> None:
    facts = {"received_on": "2026-11-21", "count_today": 7, "recipient": "third_party"}
    stated = {"text": THREAT, "sent_at": "2026-11-20 23:05", "facts": facts}
    assert pairs_of(document(stated), 1)["使用者陈述"] == (
        "收到日期 2026-11-21；当天同一方联系 7 次；收到者不欠这笔款"
    )
    day_only = {"text": THREAT, "sent_at": "2026-11-20"}
    assert pairs_of(document(day_only), 1)["使用者陈述"] == "收到日期 2026-11-20"
    assert pairs_of(document(THREAT), 1)["使用者陈述"] == "未填写"


def test_every_fact_has_words() -> None:
    every: dict[str, list[Any]] = {
        "received_on": ["2026-11-20"],
        "received_at": ["07:59"],
        "count_today": [3],
        "recipient": ["debtor", "guarantor", "third_party"],
        "beyond_debt": [True, False],
        "unlawful_debt": [True, False],
    }
    for language in ("zh", "en"):
        for name, values in every.items():
            for value in values:
                made = document({"text": THREAT, "facts": {name: value}}, language=language)
                said = pairs_of(made, 1)[WORDS[language]["facts"]]  # type: ignore[index]
                assert said != WORDS[language]["facts_none"]  # type: ignore[index]


def test_a_doubtful_message_asks_for_a_check() -> None:
    assert pairs_of(document("也许请还款"), 1)["需要复核"] == "置信度不足，请人工复核"


def test_the_part_for_the_person_stands_apart_and_leaves_chat_out() -> None:
    made = document(CHAT, THREAT)
    [at] = [i for i, block in enumerate(made.blocks) if isinstance(block, PageBreak)]
    own = "\n".join(map(_text, made.blocks[at:]))
    for line in ("如有危险请先拨打 110", "心理援助 12356", "先报警〔未核实〕", "欠款仍需偿还"):
        assert line in own
    assert "虚构热线：咨询〔二手资料〕" in own
    assert "原始短信" in own
    assert "通话记录" in own


def test_hidden_characters_are_listed_with_their_names() -> None:
    said = everything(document("还\u202e款\u200b\u200b🔪"))
    assert "还[U+202E]款[U+200B×2]🔪" in said
    assert "[U+202E] RIGHT-TO-LEFT OVERRIDE：1 次" in said
    assert "[U+200B] ZERO WIDTH SPACE：2 次" in said


def test_at_most_forty_kinds_of_hidden_characters_are_listed() -> None:
    text = "".join(chr(0x0C85 + i) for i in range(50) if chr(0x0C85 + i).isalpha())
    assert "以及另外" in everything(document(text))


def test_the_number_depends_on_everything_but_the_format() -> None:
    one = document(*CASE).footer
    assert document(*CASE, format="docx").footer == one
    assert document(*CASE, title="某案").footer != one
    assert document(*CASE[:2]).footer != one


def test_both_languages_have_the_same_words_and_placeholders() -> None:
    for table in (WORDS, FACTS):
        assert table["zh"].keys() == table["en"].keys()
    for key, phrase in WORDS["zh"].items():
        assert sorted(re.findall(r"{\w+}", phrase)) == sorted(
            re.findall(r"{\w+}", WORDS["en"][key])
        ), key
    assert len(UNKNOWN["zh"]) == len(UNKNOWN["en"])


def test_ranges() -> None:
    assert ranges([1]) == "1"
    assert ranges([1, 2, 3, 7, 9, 10]) == "1–3, 7, 9–10"


def test_an_article_is_cited_once_for_a_law() -> None:
    both = provision(article=words("第七条、第八条", "arts. 7, 8"))
    other = provision(law=words("另一法", "Another Act"))
    assert cited([provision(), both, other], "zh") == "虚构法：第七条、第八条\n另一法：第七条"
    assert cited([provision(), both], "en") == "Invented Act: art. 7; arts. 7, 8"
