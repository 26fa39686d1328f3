"""A text without what differs between two sendings of one script: names, numbers, addresses."""

from __future__ import annotations

import re
from typing import Final

from data.text import normalise

# the 100 most frequent surnames of mainland China, and the two-character ones in use
_SURNAME: Final = (
    "(?:欧阳|司马|上官|诸葛|东方|皇甫|尉迟|夏侯|令狐|慕容|"
    "[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁"
    "任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔"
    "向汤柳蓝施岑])"
)
_GIVEN: Final = "(?:[某×*xX]{1,2}|[\u4e00-\u9fff*×某]{1,2})"
_TITLE: Final = "(?:先生|女士|小姐|同学|老师|老板|经理|总|同志|师傅|大哥|大姐|哥|姐|叔|阿姨)"
_NAMES: Final = re.compile(
    f"{_SURNAME}{_GIVEN}?{_TITLE}"  # 张伟先生, 李女士
    f"|(?:(?<=尊敬的)|(?<=亲爱的)|(?<=债务人)|(?<=借款人)|(?<=欠款人)|(?<=客户)|(?<=本人)|(?<=机主))"
    f"{_SURNAME}{_GIVEN}"
    f"|(?:^|(?<=】)|(?<=[。!?,:;]))\\s*{_SURNAME}{_GIVEN}(?=[,:;!? ]|您|你)"  # 张伟，您……
)
_SIGNATURE: Final = re.compile("^【[^】]{1,24}】|【[^】]{1,24}】$")
_GREETING: Final = re.compile(
    f"^(?:尊敬的|亲爱的)?(?:客户|用户)?{_TITLE}?[,:\\s]*(?:您好|你好)?[,:!\\s]*"
)
_LINK: Final = re.compile(
    r"(?:https?://|www\.)[!-~]+|[a-z0-9-]{1,63}\.(?:cn|com|net|top|xyz|cc)[!-~]*", re.I
)
_NUMBER: Final = re.compile(r"[\d*×][\d*×xX,.:/-]*")
_AMOUNT: Final = re.compile(
    "[零一二两三四五六七八九十百千万亿]{1,12}(?=元|块|万|千|百|天|日|号|个|次|小时|点|期)"
)


def masked(text: str) -> str:
    """Return the letters and Han characters that make the script, lower case."""
    plain = normalise(text).text.lower()
    plain = _SIGNATURE.sub("", plain)
    plain = _NAMES.sub("", plain)
    plain = _GREETING.sub("", plain)
    plain = _LINK.sub("", plain)
    plain = _NUMBER.sub("0", plain)
    plain = _AMOUNT.sub("0", plain)
    return re.sub(r"[\W_]+|0(?=0)", "", plain)
