"""Look at suspect labels one by one: keep, relabel or leave for later.

Each decision is a row, appended to a file at once, so that a review can stop anywhere and go on.
`Review` is the state; the terminal (`converse`) and a notebook are two ways to drive it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.rows import RowErrors
from data.scheme import Scheme
from training.datawork.files import append_private, read_lines
from training.datawork.suspects import Suspect

Key = tuple[str, int, str]


@dataclass(frozen=True)
class Correction:
    """What was decided about a row: its labels, as they stood and as they are to be.

    Written as a row of its own, `label` and `also` being the decided ones, so that the file can be
    trained on as it is.
    """

    path: str
    line: int
    text: str
    label: str
    also: tuple[str, ...]
    from_label: str
    from_also: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether the labels differ from those that stood."""
        return (self.label, set(self.also)) != (self.from_label, set(self.from_also))


class Review:
    """A ranking under review; decisions go to `output`, and those already there count."""

    def __init__(self, suspects: Sequence[Suspect], scheme: Scheme, output: Path) -> None:
        """Take up the review. Raises RowErrors where `output` is no file of decisions."""
        self.scheme, self.output = scheme, output
        self._waiting = list(suspects)
        self._known = {_key(one) for one in suspects}
        self._decided: dict[Key, Correction] = {}
        for one in read_corrections(output) if output.exists() else ():
            if _key(one) in self._known:
                self._decided[_key(one)] = one
        self._skipped: set[Key] = set()
        self._order: list[Key] = []

    @property
    def decided(self) -> int:
        """How many rows of the ranking have been decided, in this session and before."""
        return len(self._decided)

    @property
    def changed(self) -> int:
        """How many of them got other labels."""
        return sum(one.changed for one in self._decided.values())

    def __len__(self) -> int:
        return len(self._waiting)

    def next(self) -> Suspect | None:
        """Return the most suspect row that is neither decided nor skipped; None at the end."""
        closed = self._decided.keys() | self._skipped
        return next((one for one in self._waiting if _key(one) not in closed), None)

    def keep(self, suspect: Suspect) -> None:
        """Confirm the row's labels."""
        self._decide(suspect, suspect.label, suspect.also)

    def relabel(self, suspect: Suspect, label: str, also: Sequence[str] = ()) -> None:
        """Give the row other labels; `also` only where all of them are unlawful.

        Raises ValueError where the scheme does not admit them.
        """
        self.scheme.targets(label, also)
        if wrong := [
            name for name in also if name == label or not {name, label} <= set(self.scheme.unlawful)
        ]:
            raise ValueError(f"{'、'.join(wrong)} 不能与 {label} 并列 (cannot stand beside it)")
        self._decide(suspect, label, also)

    def skip(self, suspect: Suspect) -> None:
        """Leave the row for another session; nothing is written."""
        self._skipped.add(_key(suspect))
        self._order.append(_key(suspect))

    def back(self) -> bool:
        """Open the last row of this session again; whether there was one.

        The decision stays in the file until another takes its place: the last one counts.
        """
        if not self._order:
            return False
        last = self._order.pop()
        self._skipped.discard(last)
        self._decided.pop(last, None)
        return True

    def _decide(self, suspect: Suspect, label: str, also: Sequence[str]) -> None:
        made = Correction(
            path=suspect.path,
            line=suspect.line,
            text=suspect.text,
            label=label,
            also=tuple(also),
            from_label=suspect.label,
            from_also=suspect.also,
        )
        append_private(self.output, json.dumps(vars(made), ensure_ascii=False))
        self._decided[_key(made)] = made
        self._order.append(_key(made))


def _key(one: Suspect | Correction) -> Key:
    return one.path, one.line, one.text


def read_corrections(path: Path) -> list[Correction]:
    """Read the decisions of a review, the last one of each row.

    Raises RowErrors naming every bad line, OSError where the file cannot be read.
    """
    found: dict[Key, Correction] = {}
    problems: list[str] = []
    for number, line in read_lines(path):
        try:
            value: dict[str, Any] = json.loads(line)
            for key in ("also", "from_also"):
                value[key] = tuple(value[key])
            one = Correction(**value)
            found[_key(one)] = one
        except (ValueError, TypeError, KeyError) as error:
            problems.append(f"{path}:{number}: line: no decision of a review: {error}")
    if problems:
        raise RowErrors(problems)
    return list(found.values())


HELP = (
    "k 保留 keep · 数字 改标签 relabel · s 跳过 skip · b 上一条 back · q 结束 quit\n"
    "改标签时可接 + 其他违法标签，如 2+3。Further unlawful labels after a plus sign: 2+3."
)


def converse(
    review: Review,
    ask: Callable[[str], str] = input,
    say: Callable[[str], None] = print,
    most: int | None = None,
) -> None:
    """Show suspects one after another and ask for each, until `most` are decided or it is enough.

    An end of input (Ctrl-D) ends it like q.
    """
    say(_legend(review.scheme))
    start = review.decided
    while most is None or review.decided - start < most:
        suspect = review.next()
        if suspect is None:
            say("没有更多了 (no more rows)")
            break
        say(_shown(suspect, review))
        try:
            if not _answer(review, suspect, ask, say):
                break
        except EOFError:
            break
    say(
        f"已复核 {review.decided} 条，改了 {review.changed} 条 "
        f"({review.decided} decided, {review.changed} changed)：{review.output}"
    )


def _answer(
    review: Review, suspect: Suspect, ask: Callable[[str], str], say: Callable[[str], None]
) -> bool:
    """Ask until the row is dealt with; return whether to go on."""
    while True:
        answer = ask("> ").strip().lower()
        if answer == "q":
            return False
        if answer == "k":
            review.keep(suspect)
            return True
        if answer == "s":
            review.skip(suspect)
            return True
        if answer == "b":
            if review.back():
                return True
            say("这是本次的第一条 (this is the first row of this session)")
            continue
        try:
            label, *also = [_numbered(part, review.scheme) for part in answer.split("+")]
            review.relabel(suspect, label, also)
            return True
        except ValueError as error:
            say(f"{error}\n{HELP}")


def _numbered(part: str, scheme: Scheme) -> str:
    if not part.strip().isdecimal() or not 1 <= int(part) <= len(scheme.classes):
        raise ValueError(f"请输入 k、s、b、q 或 1–{len(scheme.classes)} (not an answer: {part!r})")
    return scheme.classes[int(part) - 1]


def _legend(scheme: Scheme) -> str:
    lines = [f"{number} {scheme.zh[name]} {name}" for number, name in enumerate(scheme.classes, 1)]
    return "\n".join([*lines, HELP])


def _shown(suspect: Suspect, review: Review) -> str:
    zh = review.scheme.zh

    def names(label: str, also: Sequence[str]) -> str:
        return "＋".join(f"{zh[name]} {name}" for name in (label, *also))

    return (
        f"\n[{suspect.rank}/{len(review)}] {suspect.path}:{suspect.line}\n{suspect.text}\n"
        f"现标签 label: {names(suspect.label, suspect.also)} ({suspect.probability:.0%})\n"
        f"模型建议 model: {names(suspect.suggested, suspect.suggested_also)}"
    )
