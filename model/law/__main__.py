"""`python -m model.law [--language en]`: the law book as Markdown, for people to check."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Literal

from model.law.book import Book
from model.law.types import Provision, Words

Language = Literal["zh", "en"]

HEADINGS: dict[Language, dict[str, tuple[str, ...]]] = {
    "zh": {
        "source": ("来源标记", "含义"),
        "provision": (
            "编号",
            "法律",
            "条",
            "内容",
            "层级",
            "上限",
            "一条信息看不出的条件",
            "适用时间",
            "来源",
            "状态",
        ),
        "guidance": ("编号", "内容", "来源", "状态"),
        "channel": ("编号", "号码", "名称", "用途", "来源", "状态"),
    },
    "en": {
        "source": ("mark", "meaning"),
        "provision": (
            "id",
            "law",
            "article",
            "content",
            "tier",
            "maximum",
            "what one message cannot show",
            "applies",
            "source",
            "status",
        ),
        "guidance": ("id", "content", "source", "status"),
        "channel": ("id", "number", "name", "purpose", "source", "status"),
    },
}
TITLES: dict[Language, dict[str, str]] = {
    "zh": {
        "source": "来源",
        "provision": "可以作为法律展示的条文",
        "guidance": "只作参考的内容（二手资料或本项目的看法，不作为法律展示）",
        "channel": "求助渠道",
    },
    "en": {
        "source": "Sources",
        "provision": "Provisions that may be shown as law",
        "guidance": "Guidance only (second-hand, or our view; never shown as law)",
        "channel": "Where to turn to",
    },
}
TIERS: dict[Language, dict[str, str]] = {
    "zh": {
        "self_regulatory": "行业自律",
        "civil": "民事",
        "administrative": "行政",
        "criminal": "刑事",
    },
    "en": {
        "self_regulatory": "self-regulatory",
        "civil": "civil",
        "administrative": "administrative",
        "criminal": "criminal",
    },
}
READ: dict[Language, str] = {"zh": "已读条文", "en": "text read"}
UNCHECKED: dict[Language, str] = {"zh": "施行日期未核", "en": "date not checked"}


def table(book: Book, language: Language) -> str:
    """Return the whole law book as Markdown."""
    rows: dict[str, Iterable[Iterable[str]]] = {
        "source": ((note.mark, _say(note.text, language)) for note in book.notes),
        "provision": (_provision(p, language) for p in book.provisions.values()),
        "guidance": (
            (g.id, _say(g.text, language), g.source, _say(g.status, language))
            for g in book.guidance.values()
        ),
        "channel": (
            (
                c.id,
                c.number or "",
                _say(c.name, language),
                _say(c.purpose, language),
                c.source,
                _say(c.status, language),
            )
            for c in book.channels.values()
        ),
    }
    return "\n".join(
        f"## {TITLES[language][name]}\n\n{_markdown(HEADINGS[language][name], body)}\n"
        for name, body in rows.items()
    )


def _provision(p: Provision, language: Language) -> tuple[str, ...]:
    article = _say(p.article, language)
    if p.old_article:
        article += f" ({_say(p.old_article, language)})"
    start = p.in_force.isoformat() if p.in_force else UNCHECKED[language]
    return (
        p.id,
        _say(p.law, language),
        article,
        f"**{_say(p.title, language)}** {_say(p.summary, language)}",
        TIERS[language][p.tier],
        _say(p.maximum, language),
        _say(p.condition, language),
        f"{start} – {p.until.isoformat() if p.until else ''}".rstrip(),
        p.source,
        READ[language],
    )


def _say(words: Words | None, language: Language) -> str:
    if words is None:
        return ""
    return words.zh if language == "zh" else words.en


def _markdown(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(headings)]
    lines.append(["---"] * len(lines[0]))
    lines += [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def main() -> None:
    """Print the law book in the chosen language."""
    parser = argparse.ArgumentParser(prog="python -m model.law", description=__doc__)
    parser.add_argument("--language", choices=("zh", "en"), default="zh")
    print(table(Book.load(), parser.parse_args().language))


if __name__ == "__main__":
    main()
