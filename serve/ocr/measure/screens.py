"""What the measured screenshots show: rows of the development split as two-sided conversations."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from data.corpus import CorpusRow

Style = Literal["wechat", "ios", "android"]
STYLES: Final[tuple[Style, ...]] = ("wechat", "ios", "android")
NAMES: Final = ("王经理", "A贷后小李", "刘姐", "资产保全部-陈")
PLACEHOLDER: Final = {"wechat": "", "ios": "短信/彩信", "android": "发短信"}

# Said by the owner of the phone; they are not classified, so the corpus need not hold them.
ANSWERS: Final = (
    "你是谁？",
    "我知道了，月底发工资就还",
    "请不要再给我家里人打电话了",
    "能不能先还一部分？剩下的分期",
    "好的，收到",
    "这笔钱我上周已经还过了，麻烦你们再核对一下账单",
    "你们这样做是不对的，我已经把通话都录音了，再这样我就投诉",
    "在上班，晚点说",
)


@dataclass(frozen=True)
class Bubble:
    """One message as shown.

    time: the separator above it, "" for none. label: the true one where it came from the corpus.
    """

    text: str
    side: Literal["left", "right"]
    time: str = ""
    label: str | None = None


@dataclass(frozen=True)
class Screen:
    """One conversation in one style."""

    style: Style
    bubbles: tuple[Bubble, ...]
    title: str
    clock: str
    battery: int
    names: bool = False
    """Whether the sender's name stands above each bubble, as in a group."""

    @property
    def placeholder(self) -> str:
        return PLACEHOLDER[self.style]


def compose(rows: Sequence[CorpusRow], count: int, seed: int) -> list[Screen]:
    """Return `count` screens, styles in turn; no row is shown twice.

    Raises ValueError where the rows do not last.
    """
    rng = random.Random(seed)  # noqa: S311  a sample, no secret
    messages = [row for row in rows if row.form == "message"]
    rng.shuffle(messages)
    sms = [row for row in messages if row.channel in ("sms", "app")]
    chat = [row for row in messages if row.channel in ("wechat", "social")]
    stock = {"wechat": chat, "ios": sms, "android": sms}  # one list for two styles
    styles = [STYLES[i % len(STYLES)] for i in range(count)]
    return [_screen(style, stock[style], rng) for style in styles]


def _screen(style: Style, stock: list[CorpusRow], rng: random.Random) -> Screen:
    bubbles: list[Bubble] = []
    for number in range(rng.randint(1, 4)):
        if not stock:
            raise ValueError(f"not enough rows for the style {style}")
        row = stock.pop()
        time = _time(style, rng) if number == 0 or rng.random() < 0.3 else ""
        bubbles.append(Bubble(row.text, "left", time, row.label))
        if rng.random() < 0.4:
            bubbles.append(Bubble(rng.choice(ANSWERS), "right"))
    title = rng.choice(NAMES) if style == "wechat" else _number(rng)
    names = style == "wechat" and rng.random() < 0.3
    return Screen(style, tuple(bubbles), title, _clock(rng), rng.randint(8, 99), names)


def _clock(rng: random.Random) -> str:
    return f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"


def _time(style: Style, rng: random.Random) -> str:
    clock, day = _clock(rng), rng.randint(1, 30)
    forms = {
        "wechat": (clock, f"昨天 {clock}", f"星期三 {clock}", f"6月{day}日 {clock}"),
        "ios": (f"短信 今天 {clock}", f"6月{day}日 周二 {clock}"),
        "android": (f"昨天 {clock}", f"周五 {clock}", f"2025年6月{day}日 {clock}"),
    }
    return rng.choice(forms[style])


def _number(rng: random.Random) -> str:
    return f"106{rng.randint(10**7, 10**8 - 1)}0000"
