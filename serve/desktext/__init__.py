"""The words of the desk page ``/triage`` in both languages; its scripts get them as they are."""

from __future__ import annotations

from typing import Final

from serve.desktext import en, zh
from serve.wording import Language

DESK: Final[dict[Language, dict[str, str]]] = {"zh": zh.WORDS, "en": en.WORDS}
