"""Words for people, in Chinese and English: the page and the command line share them.

The short notes on law and next steps are information, not legal advice. They say "may amount to",
never "amounts to", because a text alone does not show repetition, gravity or intent.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from data.labels import LABEL_EN, LABEL_ZH
from model.verdict import REVIEW_EN, REVIEW_ZH

Language = Literal["zh", "en"]

LABELS: Final[dict[Language, dict[str, str]]] = {"zh": LABEL_ZH, "en": LABEL_EN}
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


class Advice(NamedTuple):
    """What the category means, the provisions it may touch, and what to do next."""

    meaning: str
    basis: str
    steps: tuple[str, ...]


CALL_110: Final[dict[Language, str]] = {
    "zh": "如有人身威胁、上门滋扰或冒充公检法，请立即拨打 110 报警。",
    "en": "If anyone is in danger, is being menaced at home, or faces people posing as police or"
    " court, call 110 at once.",
}

DEBT_STAYS: Final[dict[Language, str]] = {
    "zh": "欠款本身仍需依法偿还（民法典第六百七十五条）。",
    "en": "The debt itself still has to be repaid as the law provides (Civil Code, art. 675).",
}
NO_ADVICE: Final[dict[Language, str]] = {
    "zh": "仅供参考，不是法律意见。",
    "en": "For information only; no legal advice.",
}

ADVICE: Final[dict[Language, dict[str, Advice]]] = {
    "zh": {
        "lawful_reminder": Advice(
            "内容像是正常的还款提醒或依法主张债权。",
            "债权人有权催告还款（民法典第六百七十五条、第五百七十七条；第一百九十五条）。",
            (
                "核对金额、日期和对方身份；机构催收时，不要转入个人账户。",
                "还款有困难，可与债权人协商。",
            ),
        ),
        "harassment": Advice(
            "内容像是辱骂、羞辱、反复纠缠，或对无关的人施压。",
            "可能涉嫌侵扰私人生活安宁（民法典第一千零三十二条、第一千零三十三条）；"
            "多次发送侮辱、恐吓等信息或者滋扰、纠缠的，可能处五日以下拘留或者一千元以下罚款；"
            "情节较重的，五日以上十日以下拘留，可以并处一千元以下罚款"
            "（治安管理处罚法〔2025修订〕第五十条）。仅一次私下辱骂，通常不足以处罚。",
            (
                "保留短信、聊天和通话记录的原件，不要删改。",
                "先向出借机构投诉；银行、消费金融公司的问题可拨打 12378。",
                "反复骚扰的，可以报警。",
            ),
        ),
        "threat_extortion": Advice(
            "内容像是以伤害、曝光或虚假的公权力相威胁，逼人还款。",
            "可能涉嫌威胁人身安全或者多次发送恐吓信息（治安管理处罚法〔2025修订〕第五十条）；"
            "冒充国家机关工作人员的，可能涉及该法第六十二条；"
            "情节恶劣的，可能涉及刑法第二百九十三条；"
            "债务本身非法（如高利放贷）且情节严重的，可能涉及第二百九十三条之一；"
            "索要不欠的钱款，可能涉及第二百七十四条。",
            (
                "保留原始记录：号码、时间、截图、录音。",
                "机构催收时，不要转入个人账户；自称公检法的，请通过官方电话核实。",
            ),
        ),
        "privacy_disclosure": Advice(
            "内容像是把欠款或个人信息告诉了债务人以外的人，或者公开曝光。",
            "可能涉嫌散布隐私或非法提供个人信息"
            "（治安管理处罚法〔2025修订〕第五十条、第五十六条；民法典第一千零三十三条、"
            "第一千零三十八条；个人信息保护法第十条、第二十五条、第六十九条）；"
            "大量提供的，可能涉及刑法第二百五十三条之一。",
            (
                "保留原始记录，记下有哪些人收到。",
                "要求对方停止并删除；可向出借机构、12378 投诉，或者报警。",
            ),
        ),
        "out_of_scope": Advice(
            "内容看起来不是在催收债务。",
            "",
            ("如果内容要求转账，请先核实对方身份。", "如果含有威胁，仍可拨打 110。"),
        ),
    },
    "en": {
        "lawful_reminder": Advice(
            "It reads like an ordinary reminder, or a lawful claim to be paid.",
            "A creditor may ask for payment (Civil Code, arts. 675, 577, 195).",
            (
                "Check the amount, the date and the sender; if an institution collects, pay no "
                "personal account.",
                "If you cannot pay now, ask the creditor for a plan.",
            ),
        ),
        "harassment": Advice(
            "It reads as if it insults, humiliates or pesters, or presses people who owe nothing.",
            "It may amount to intrusion on the peace of private life (Civil Code, arts. 1032, "
            "1033); repeated insulting or intimidating messages or pestering may bring up to five "
            "days' detention or a fine of up to 1,000 yuan, in graver cases five to ten days and "
            "optionally a fine of up to 1,000 yuan (Public Security Administration Punishments "
            "Law, revised 2025, art. 50). One private insult alone usually does not suffice.",
            (
                "Keep the original messages, chats and call records unaltered.",
                "Complain to the lender first; for banks and consumer finance, call 12378.",
                "If it goes on, you can go to the police.",
            ),
        ),
        "threat_extortion": Advice(
            "It reads as if it threatens harm, exposure or false official action to force payment.",
            "It may amount to a threat to personal safety or to repeated intimidating messages "
            "(Public Security Administration Punishments Law, revised 2025, art. 50); posing as an "
            "official may fall under its art. 62; vile circumstances may bring in the Criminal "
            "Law, art. 293; if the debt itself is unlawful (as in usury) and the case serious, "
            "art. 293-1 may apply; for money not owed, art. 274 may.",
            (
                "Keep the originals: numbers, times, screenshots, recordings.",
                "If an institution collects, pay no personal account; check with the police or "
                "court on an official number.",
            ),
        ),
        "privacy_disclosure": Advice(
            "It reads as if it tells others than the debtor about the debt, or exposes "
            "personal data.",
            "It may amount to spreading private facts or unlawfully giving out personal data "
            "(Public Security Administration Punishments Law, revised 2025, arts. 50, 56; Civil "
            "Code, arts. 1033, 1038; Personal Information Protection Law, arts. 10, 25, 69); in "
            "bulk, it may fall under the Criminal Law, art. 253-1.",
            (
                "Keep the originals and note who received them.",
                "Ask for it to stop and be deleted; complain to the lender, 12378 or the police.",
            ),
        ),
        "out_of_scope": Advice(
            "It does not look like debt collection.",
            "",
            ("If it asks for a transfer, check who is asking.", "A threat can go to 110 anyway."),
        ),
    },
}
