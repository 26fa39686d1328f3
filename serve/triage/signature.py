"""The sender signature of a text message: 【某某金融】 at its beginning or end."""

from __future__ import annotations

import re
from typing import Final

_BRACKETS: Final = re.compile(r"【\s*([^【】\n]{1,24}?)\s*】")
# what stands in such brackets without naming anybody
_NO_SENDER: Final = re.compile(
    r"通知|通告|公告|提醒|提示|警告|警示|告知|告示|通牒|紧急|重要|律师函|传票|逾期|催|还款|欠款|最后"
    r"|验证码|图片|表情|语音|视频|链接|文件|位置|红包|转账|^\d*$"
)


def signature(text: str) -> str | None:
    """Return the name in the first 【…】 at either end of the text that names somebody."""
    bare = text.strip()
    found = [m for m in _BRACKETS.finditer(bare) if m.start() == 0 or m.end() == len(bare)]
    # 【重要通知】【某某银行】…: brackets that follow the opening ones without a gap count too
    at = found[0].end() if found and found[0].start() == 0 else None
    while at is not None and (following := _BRACKETS.match(bare, at)):
        found.insert(
            -1 if found[-1].end() == len(bare) and len(found) > 1 else len(found), following
        )
        at = following.end()
    for match in found:
        if not _NO_SENDER.search(match[1]):
            return match[1]
    return None
