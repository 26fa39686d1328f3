"""The label set: its names, its order of gravity, and the targets a model learns."""

from collections.abc import Iterable
from typing import Final

LABELS: Final = ("lawful_reminder", "harassment", "threat_extortion", "privacy_disclosure")
"""The four labels, in the order of a model's outputs."""

OUT_OF_SCOPE: Final = "out_of_scope"
"""Not about collecting a debt: no label at all, hence all four targets are 0."""

CLASSES: Final = (*LABELS, OUT_OF_SCOPE)
"""The five values that a row's or verdict's ``label`` may take."""

UNLAWFUL: Final = LABELS[1:]
"""The labels for conduct that the law forbids; only these may stand in ``also``."""

GRAVITY: Final = ("threat_extortion", "privacy_disclosure", "harassment", "lawful_reminder")
"""The labelling guide's order for the primary label, gravest first."""

LABEL_ZH: Final[dict[str, str]] = {
    "lawful_reminder": "合法提醒",
    "harassment": "骚扰、辱骂",
    "threat_extortion": "威胁、恐吓、敲诈勒索",
    "privacy_disclosure": "泄露隐私",
    "out_of_scope": "与催收无关",
}
LABEL_EN: Final[dict[str, str]] = {
    "lawful_reminder": "lawful reminder",
    "harassment": "harassment",
    "threat_extortion": "threat or extortion",
    "privacy_disclosure": "privacy disclosure",
    "out_of_scope": "not about debt collection",
}


def targets(label: str, also: Iterable[str] = ()) -> tuple[int, int, int, int]:
    """Return the four 0/1 targets, in the order of ``LABELS``, of a row with these labels.

    Raises ValueError for a name outside ``CLASSES`` (``label``) or ``LABELS`` (``also``), and
    where ``also`` is not empty beside ``out_of_scope``.
    """
    others = set(also)
    if label not in CLASSES:
        raise ValueError(f"label {label!r} is not one of {', '.join(CLASSES)}")
    if unknown := others.difference(LABELS):
        raise ValueError(f"also {sorted(unknown)} not among {', '.join(LABELS)}")
    if label == OUT_OF_SCOPE and others:
        raise ValueError(f"label {OUT_OF_SCOPE} admits no other label, got {sorted(others)}")
    present = others | {label}
    a, b, c, d = (int(name in present) for name in LABELS)
    return a, b, c, d
