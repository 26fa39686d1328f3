"""Words for people, in Chinese and English: the page and the command line share them.

What the law says and what to do next is in model/law.toml, and nowhere else.
"""

from __future__ import annotations

from typing import Final, Literal

from data.labels import LABEL_EN, LABEL_ZH
from model.verdict import REVIEW_EN, REVIEW_ZH

Language = Literal["zh", "en"]


def language_of(lang: str) -> Language:
    """Return the language that a page was asked for: Chinese, unless English was."""
    return "en" if lang == "en" else "zh"


LABELS: Final[dict[Language, dict[str, str]]] = {"zh": LABEL_ZH, "en": LABEL_EN}
TAGS: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "lawful_reminder": "提醒",
        "harassment": "骚扰",
        "threat_extortion": "威胁",
        "privacy_disclosure": "泄露隐私",
    },
    "en": {
        "lawful_reminder": "reminder",
        "harassment": "harassment",
        "threat_extortion": "threat",
        "privacy_disclosure": "disclosure",
    },
}
"""The labels in a word, for beside the highlighted parts of a text."""

TIERS: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "administrative": "行政",
        "criminal": "刑事",
        "civil": "民事",
        "self_regulatory": "行业自律",
    },
    "en": {
        "administrative": "administrative",
        "criminal": "criminal",
        "civil": "civil",
        "self_regulatory": "self-regulation",
    },
}
"""Kinds of consequence that a provision has, in the order in which they are shown."""

REVIEWS: Final[dict[Language, dict[str, str]]] = {"zh": REVIEW_ZH, "en": REVIEW_EN}

CONFIDENCE_STEPS: Final = (0.9, 0.7)
CONFIDENCE: Final[dict[Language, tuple[str, str, str]]] = {
    "zh": ("高", "中等", "低"),
    "en": ("high", "moderate", "low"),
}


def confidence_word(confidence: float, language: Language) -> str:
    """Return the word for a probability that the label is right."""
    step = sum(confidence < bound for bound in CONFIDENCE_STEPS)
    return CONFIDENCE[language][step]


NO_ADVICE: Final[dict[Language, str]] = {
    "zh": "仅供参考，不是法律意见。",
    "en": "For information only; no legal advice.",
}

MEANINGS: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "harassment": "内容像是辱骂、羞辱、反复纠缠，或对无关的人施压。",
        "threat_extortion": "内容像是以伤害、曝光或虚假的公权力相威胁，逼人还款。",
        "privacy_disclosure": "内容像是把欠款或个人信息告诉了债务人以外的人，或者公开曝光。",
    },
    "en": {
        "harassment": "It reads as if it insults, humiliates or pesters, or presses people who "
        "owe nothing.",
        "threat_extortion": "It reads as if it threatens harm, exposure or false official action "
        "to force payment.",
        "privacy_disclosure": "It reads as if it tells others than the debtor about the debt, or "
        "exposes personal data.",
    },
}
"""What an unlawful label means, said of the text and not of its sender."""
