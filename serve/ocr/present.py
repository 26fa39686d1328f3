"""A read screenshot as JSON and in words, the same in the API, on the page and in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from model.verdict import Verdict
from serve.explain import explained
from serve.terminal import printable, verdict_lines
from serve.wording import Language

if TYPE_CHECKING:
    from serve.ocr.reader import Reading

UNSURE: Final = 0.9
"""Blocks whose characters are less sure than this on average are marked for a second look."""

SCREENSHOT: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "heading": "请核对识别出的文字",
        "field": "图片",
        "intro": "下面是对方发来的内容。识别可能有错字，请对照原图改正，再判断类别。"
        "一次判断一条效果最好：可以删去不需要的部分。",
        "nothing": "图片里没有找到消息文字。请换一张更清晰的截图，或直接粘贴文字。",
        "all": "截图中的全部内容",
        "gone": "图片没有保存。",
        "unsure": "可能有错字，请特别核对",
        "left": "对方",
        "right": "本人",
        "centre": "来信",
        "unknown": "来信（方向不明）",
        "time": "时间",
        "interface": "界面",
    },
    "en": {
        "heading": "Please check the text",
        "field": "the picture",
        "intro": "This is what came in. Characters may be wrong: compare with the picture, correct "
        "them, then classify. One message at a time works best; delete what you do not need.",
        "nothing": "No message was found in the picture. Try a sharper one, or paste the text.",
        "all": "All that is in the screenshot",
        "gone": "The picture has not been stored.",
        "unsure": "characters may be wrong, please check",
        "left": "received",
        "right": "sent",
        "centre": "received",
        "unknown": "received (side unclear)",
        "time": "time",
        "interface": "app",
    },
}


@dataclass(frozen=True)
class ShownBlock:
    """A block with the word for what it is; `unsure` where it should be compared."""

    who: str
    text: str
    unsure: bool


@dataclass(frozen=True)
class Shown:
    """The text for the box, and all blocks in reading order."""

    text: str
    blocks: tuple[ShownBlock, ...]


def shown(reading: Reading, language: Language) -> Shown:
    """Return what the page shows of a reading."""
    words = SCREENSHOT[language]
    return Shown(
        text="\n".join(block.text for block in reading.received),
        blocks=tuple(
            ShownBlock(
                who=words[block.side if block.kind == "message" else block.kind],
                text=block.text,
                unsure=block.kind == "message" and block.score < UNSURE,
            )
            for block in reading.blocks
        ),
    )


def fields(reading: Reading, verdicts: Sequence[Verdict], model: str) -> dict[str, Any]:
    """Return the JSON form (`schemas.ScreenshotResponse`); verdicts: of `reading.received`."""
    left = iter(verdicts)
    blocks = [
        {
            "kind": block.kind,
            "text": block.text,
            "box": [round(side) for side in block.box],
            "side": block.side,
            "confidence": round(block.score, 4),
            "verdict": next(left).to_dict() if block.received else None,
        }
        for block in reading.blocks
    ]
    return {"model": model, "width": reading.width, "height": reading.height, "blocks": blocks}


def lines(reading: Reading, verdicts: Sequence[Verdict]) -> list[str]:
    """Return the blocks as lines for a terminal, each message that came in with its verdict."""
    left, found = iter(verdicts), []
    for block, words in zip(reading.blocks, shown(reading, "zh").blocks, strict=True):
        text = "\n".join(printable(line) for line in block.text.splitlines())
        mark = f"（{SCREENSHOT['zh']['unsure']}）" if words.unsure else ""
        found.append(f"[{words.who}]{mark} {text}")
        if block.received:
            verdict = explained(block.text, next(left), (), None)
            found += [f"    {line}" for line in verdict_lines(verdict)]
    return found
