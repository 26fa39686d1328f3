"""The part of the report about the law: each provision once, with the messages it may bear on."""

from __future__ import annotations

from collections.abc import Sequence

from model.law import Guidance, Provision
from serve.report.case import Case
from serve.report.document import Block, Bullets, Heading, Notice, Pairs, Paragraph, Runs
from serve.report.visible import runs
from serve.report.words import WORDS
from serve.wording import TIERS, Language


def law_part(case: Case) -> list[Block]:
    """Return the provisions and, apart from them, the guidance; nothing where there is neither."""
    w = case.words
    blocks: list[Block] = []
    provisions = _by_message(case)
    if provisions:
        blocks += [
            Heading(1, runs(w["provisions"])),
            Notice(runs(w["provisions_text"])),
            _marks(case),
        ]
        for provision, numbers in provisions.values():
            blocks += _provision(case, provision, numbers)
    guidance: dict[str, Guidance] = {}
    for entry in case.entries:
        guidance |= {item.id: item for item in entry.explained.answer.guidance}
    if guidance:
        items = tuple(runs(_guidance(case, item)) for item in guidance.values())
        blocks += [
            Heading(1, runs(w["guidance"])),
            Paragraph(runs(w["guidance_text"])),
            Bullets(items),
        ]
    return blocks


def _by_message(case: Case) -> dict[str, tuple[Provision, list[int]]]:
    found: dict[str, tuple[Provision, list[int]]] = {}
    for entry in case.entries:
        for provision in entry.explained.answer.provisions:
            if not provision.verified:  # the law book has none such
                raise ValueError(f"provision {provision.id} is not marked as read")
            found.setdefault(provision.id, (provision, []))[1].append(entry.number)
    return found


def _provision(case: Case, provision: Provision, numbers: Sequence[int]) -> list[Block]:
    w, language = case.words, case.language
    head = f"{getattr(provision.law, language)} {getattr(provision.article, language)}"
    rows: list[tuple[str, str | None]] = [
        ("provision_for", w["provision_for_value"].format(numbers=ranges(numbers))),
        ("provision_summary", getattr(provision.summary, language)),
        ("provision_maximum", getattr(provision.maximum, language, None)),
        ("provision_condition", getattr(provision.condition, language, None)),
        ("provision_status", _status(case, provision)),
    ]
    shown: list[tuple[str, Runs]] = [(w[key], runs(value)) for key, value in rows if value]
    return [
        Heading(2, runs(f"{head}  {getattr(provision.title, language)}")),
        Pairs(tuple(shown)),
    ]


def _status(case: Case, provision: Provision) -> str:
    """Return the kind of law, since when it is in force, its old number and its source mark."""
    w, language = case.words, case.language
    parts = [TIERS[language][provision.tier]]
    if provision.in_force is not None:
        key = "provision_since" if provision.until is None else "provision_until"
        parts.append(w[key].format(start=provision.in_force, end=provision.until))
    if provision.old_article is not None:
        parts.append(getattr(provision.old_article, language))
    parts.append(w["read"].format(mark=provision.source))
    return w["separator"].join(parts)


def _marks(case: Case) -> Bullets:
    """Return what the source marks of the provisions mean."""
    notes = {
        note.mark: getattr(note.text, case.language)
        for entry in case.entries
        for note in entry.explained.answer.sources
    }
    used = sorted({p.source for e in case.entries for p in e.explained.answer.provisions})
    return Bullets(tuple(runs(f"{m}{case.words['colon']}{notes[m]}") for m in used))


def _guidance(case: Case, item: Guidance) -> str:
    status = case.words["status"].format(status=getattr(item.status, case.language))
    return f"{getattr(item.text, case.language)}{status}"


def cited(provisions: Sequence[Provision], language: Language) -> str:
    """Return a line for each law with the articles of it, in order."""
    w = WORDS[language]
    articles: dict[str, dict[str, None]] = {}
    for provision in provisions:
        parts = getattr(provision.article, language).split(w["article_join"])
        # each once: two provisions can share an article
        articles.setdefault(getattr(provision.law, language), {}).update(dict.fromkeys(parts))
    return "\n".join(
        f"{law}{w['colon']}{w['article_join'].join(numbers)}" for law, numbers in articles.items()
    )


def ranges(numbers: Sequence[int]) -> str:
    """Return `1–3, 7` for 1, 2, 3, 7; `numbers` ascend."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return ", ".join("–".join(map(str, part)) for part in parts)
