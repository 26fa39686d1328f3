"""What a messaging app writes around the messages: times, the status bar, names, hints."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_CLOCK: Final = (
    r"(?:上午|下午|早上|晚上|凌晨|中午|清晨|傍晚|AM|PM)?\d{1,2}:\d{2}(?::\d{2})?(?:AM|PM)?"
)
_DAY: Final = (
    r"(?:今天|昨天|前天|刚刚|Today|Yesterday"
    r"|\d{2,4}年\d{1,2}月\d{1,2}日|\d{1,2}月\d{1,2}日"
    r"|\d{2,4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/]\d{1,2}(?=.*:\d\d))"
)
_WEEKDAY: Final = r"(?:(?:星期|周)[一二三四五六日天]|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*)"
_SERVICE: Final = (
    r"(?:短信/彩信|短信|彩信|信息|iMessage(?:信息)?|SMS|SIM卡?\d|卡\d|中国(?:移动|联通|电信))"
)
_TIME: Final = re.compile(
    rf"(?:{_SERVICE}[·,]?)?(?=.*\d:\d\d|(?:.*{_DAY}|.*{_WEEKDAY}))"
    rf"(?:{_DAY})?[,·(]*(?:{_WEEKDAY})?[),·]*(?:{_CLOCK})?(?:[·,]?(?:已送达|已读|{_SERVICE}))?",
    re.IGNORECASE,
)
_HINT: Final = re.compile(
    r"(?:短信/彩信|发?短信|发?信息|iMessage(?:信息)?|发(?:送)?消息|文[字本]消息|按住说话|说点什么.{0,3}"
    r"|请输入.{0,8}|TextMessage|Message|发送|RCS(?:聊天|消息)?|回复|输入消息)",
    re.IGNORECASE,
)
_STATUS: Final = re.compile(
    r"(?:\d{1,2}:\d{2}|[2345]G\+?|HD|LTE|4G\+|WiFi|WLAN|中国(?:移动|联通|电信|广电)|\d{1,3}%?"
    r"|\d+(?:\.\d+)?[KM]B?/s|[.·•|<>＜＞x…])+",
    re.IGNORECASE,
)


def is_time(text: str) -> bool:
    """Return whether the line is a date, a time of day or both, as between messages."""
    return bool(_TIME.fullmatch(_compact(text)))


def is_hint(text: str) -> bool:
    """Return whether the line is what an empty input field says."""
    return bool(_HINT.fullmatch(_compact(text)))


def is_status(text: str) -> bool:
    """Return whether the line is made of what a status bar shows: clock, network, battery."""
    return bool(_STATUS.fullmatch(_compact(text)))


def _compact(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
