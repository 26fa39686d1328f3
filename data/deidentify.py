"""Hide what tells who a person is: phones, numbers of cards and papers, accounts, places, names.

Works on the text as a reader sees it (`data.text.normalise`), so that full-width digits, invisible
characters or dots between digits hide nothing from it; what it leaves is the original, character
by character. Rules find most, not all: somebody should read a row before it leaves the house.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from data.addresses import find_addresses
from data.names import find_names
from data.text import normalise

PHONE: Final = "138****0000"
NUMBER: Final = "********"

_DIGIT: Final = "[0-9零〇○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]"
_BETWEEN: Final = r"[\s\-—–_.·•/\\|~*+()]{0,2}"
_LONGEST_PLAIN: Final = 6
"""Digits of amounts, service numbers (12378) and codes at most; a longer number tells who."""

_LINK: Final = re.compile(
    r"(?:https?://|www\.)[^\s,。;\"'<>()，\u4e00-\u9fff]+"
    r"|(?<![a-z0-9.@-])[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,3}\.(?:cn|com|net|top|xyz|cc|vip|me|io|ly|im|club)(?![a-z0-9])(?:/[!-~]*)?",
    re.IGNORECASE,
)
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_HANDLE: Final = re.compile(
    r"(?<![A-Za-z0-9_*.])@(?!所有人|全体|[你我他她]|[{#]|\w+@)[^\s,.!?:;、。()\[\]@\"“”]{1,20}"
)
_ACCOUNT: Final = re.compile(
    r"(?:微信号?|薇信|威信|[加➕+]\s?v|v信|(?<![a-z])(?:vx|wx|qq|tg|v)(?=[\s:号是])|wechat|telegram|qq号?|扣扣号?|企鹅号?|"
    r"支付宝|抖音号?|快手号?|微博|账号|帐号|工号|学号|警号|用户名|邀请码|识别码|纳税人识别号|护照号?码?|驾驶证号?|社保号)"
    r"(?:为|是|叫|加|号|码|[\s:(#\-]){0,4}(?P<id>[a-z0-9][\w\-]{3,30})",
    re.IGNORECASE | re.ASCII,
)
_TAIL: Final = re.compile(
    r"(?:尾号|后[四4]位|末[四4]位|卡号|合同编?号|借款编号|借据编?号|订单编?号|运单号|单号|编号|证号|身份证号?码?|房号)"
    r"(?:为|是|[\s:(#第])*(?P<id>[a-z0-9*\-]{3,40})",
    re.IGNORECASE | re.ASCII,
)
_CASE: Final = re.compile(
    r"[(\[〔]20\d\d[)\]〕]\s?(?P<court>[\u4e00-\u9fff]\d{0,5})[\u4e00-\u9fff]{1,4}(?P<number>\d+)(?:-\d+)?号?"
)
_PLATE: Final = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-Z][·•.\s]?(?=[A-Z0-9]*\d)[A-HJ-NP-Z0-9]{5,6}(?![A-Z0-9])"
)
_HALF_MASKED: Final = re.compile(
    r"(?<!\d)(?P<phone>1[3-9]\d{0,3}[*xX×·]{3,8}\d{2,4}|0\d{2,3}-?\d{0,3}[*xX×]{3,8}\d{2,4})(?!\d)"
    r"|(?<!\d)\d{3,10}[*xX×]{4,14}\d{2,4}[xX]?(?!\d)"
)
_LOOKALIKE: Final = re.compile(r"(?<![0-9a-zA-Z])1[3-9OoIlZz][0-9OoIlZz]{9}(?![0-9a-zA-Z])")
_RUN: Final = re.compile(f"(?<![0-9]){_DIGIT}(?:{_BETWEEN}{_DIGIT}){{{_LONGEST_PLAIN},}}[xX]?")
_BIRTH: Final = re.compile(
    r"(?:(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?)(?=\s?(?:出生|生人|生日|生于|生的))"
    r"|(?<=出生|生日|生于)(?:日期|年月)?[:于为是\s]{0,2}(?:19|20)\d\d[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?"
)
# What looks like a long number and is none: dates with times, amounts.
_KEPT: Final = re.compile(
    r"(?<!\d)(?:19|20)\d\d\s?[-/.年]\s?(?:0?[1-9]|1[0-2])\s?[-/.月]\s?(?:[12]\d|3[01]|0?[1-9])(?!\d)日?"
    r"(?:[\sT]{0,2}(?:[01]?\d|2[0-4])[:时点](?:[0-5]\d)?(?::[0-5]\d|分)?)?"
    r"|(?<!\d)(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?<![\d,.\-])[¥￥$]?(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.\d{1,2})?(?=\s?(?:元|块|万|亿|美元|人民币|rmb))"
    r"|(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)",
    re.IGNORECASE,
)

Finding = tuple[int, int, str]
"""Start and end in the normalised text, and what takes the place."""


def deidentify(text: str) -> str:
    """Return the text with what tells who a person is replaced by masks the corpus uses."""
    plain = normalise(text)
    parts: list[str] = []
    at = 0
    for start, end, substitute in _disjoint(find(plain.text)):
        begin, stop = plain.original_span(start, end)
        if begin >= at:
            parts += [text[at:begin], substitute]
            at = stop
    return "".join([*parts, text[at:]])


def find(text: str) -> Iterator[Finding]:
    """Yield what is to hide in a normalised text, the surest kinds first."""
    for pattern, substitute in _WHOLE:
        for found in pattern.finditer(text):
            yield found.start(), found.end(), substitute(found)
    for pattern in (_ACCOUNT, _TAIL):
        for found in pattern.finditer(text):
            if any(char.isdigit() for char in found["id"]) or pattern is _ACCOUNT:
                yield found.start("id"), found.end("id"), "****"
    yield from _numbers(text)
    yield from find_addresses(text)
    yield from find_names(text)


def _numbers(text: str) -> Iterator[Finding]:
    kept = [found.span() for found in _KEPT.finditer(text)]
    covered = list(text)
    for start, end in kept:
        covered[start:end] = "\0" * (end - start)
    for found in _RUN.finditer("".join(covered)):
        digits = re.sub(f"(?!{_DIGIT}|[xX]).", "", found[0], flags=re.DOTALL)
        yield found.start(), found.end(), _mask(digits)


def _mask(digits: str) -> str:
    """Return what stands for a number of so many digits."""
    if len(digits) in (11, 13) and digits[-11] in "1一幺壹":
        return PHONE
    return "*" * len(digits) if len(digits) >= 12 else NUMBER


_WHOLE: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (_MAIL, lambda _: "***@***"),
    (_LINK, lambda _: "http://***"),
    (_HANDLE, lambda _: "@某某"),
    (_CASE, lambda m: m[0].replace(m["court"], "某****").replace(m["number"], "****")),
    (_PLATE, lambda m: f"{m[0][0]}A*****"),
    (_HALF_MASKED, lambda m: PHONE if m["phone"] else NUMBER),
    (_LOOKALIKE, lambda m: PHONE if sum(c.isdigit() for c in m[0]) >= 6 else m[0]),
    (_BIRTH, lambda _: "****年*月*日"),
)


def _disjoint(found: Iterator[Finding]) -> list[Finding]:
    """Return findings that do not overlap, in order; the earlier yielded ones win."""
    chosen: list[Finding] = []
    for start, end, substitute in found:
        if all(end <= other[0] or start >= other[1] for other in chosen):
            chosen.append((start, end, substitute))
    return sorted(chosen)
