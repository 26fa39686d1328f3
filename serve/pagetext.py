"""The words of the web page in both languages, and invented examples to try."""

from __future__ import annotations

from typing import Final

from serve.wording import Language

PAGE: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "html_lang": "zh-CN",
        "title": "DunLens 催收透镜",
        "heading": "这条催收信息属于哪一类？",
        "intro": "粘贴短信、聊天、通话内容或你的遭遇，查看它像合法提醒、骚扰、威胁，还是泄露隐私。",
        "switch": "English",
        "text_label": "催收信息",
        "text_hint": "最多 {limit} 个字符，一次一条。",
        "submit": "判断类别",
        "working": "正在判断…",
        "colon": "：",
        "clear": "清空",
        "try": "试试例子：",
        "local": "文本只在本机处理：不保存、不上传文本，也不写入日志。",
        "remote": "文本发送到运行本服务的机器上处理：不保存文本，也不写入日志。",
        "disclaimer": "判断由模型给出，可能出错；仅供参考，不是法律意见。",
        "result": "判断结果",
        "confidence": "把握",
        "about": "约 {percent}%",
        "also": "另外可能有",
        "scores": "判断的细节",
        "review": "本结果不确定：",
        "caption": "每类行为的概率（互相独立，合计不必为 100%）",
        "words": "起决定作用的字词",
        "words_hint": "这是原文；对判断影响最大的字词已标出，类别写在其后的方括号里。",
        "reasons": "标出的字词对概率的影响：",
        "reason": "去掉这些字词，概率从约 {full}% 变为约 {without}%；只留它们，约 {alone}%。",
        "findings": "根据补充情况",
        "steps": "可以怎么做",
        "more_steps": "还可以做的（{count} 项）",
        "unverified": "号码未向官方核实",
        "channels": "这些号码和部门是做什么的",
        "keep": "请保留证据",
        "more_things": "还有 {count} 项",
        "law": "可能相关的规定",
        "more_law": "{tier}：还有 {count} 条",
        "maximum": "最重后果",
        "condition": "单凭一条信息看不出",
        "in_force": "施行日期",
        "source": "来源",
        "guidance": "仅供参考的说明（{count} 条）",
        "guidance_note": "不是法律条文：来自二手资料，或是本项目的看法；每条注明了出处情况。",
        "facts": "补充情况（可选）",
        "facts_hint": "这些从文字里看不出来，填了可以看得更准。只用于本次提示，不保存。",
        "api": "接口文档",
        "desk": "批量投诉分拣",
        "error": "无法判断",
        "over": "超出 {over} 个字符",
        "count": "{count} / {limit}",
    },
    "en": {
        "html_lang": "en",
        "title": "DunLens",
        "heading": "What kind of collection message is this?",
        "intro": "Paste a Chinese text message, chat, call or your own account, and see whether it "
        "reads as a lawful reminder, harassment, a threat or a disclosure of private matters.",
        "switch": "中文",
        "text_label": "Message",
        "text_hint": "At most {limit} characters, one message at a time.",
        "submit": "Classify",
        "working": "Working…",
        "colon": ": ",
        "clear": "Clear",
        "try": "Try an example:",
        "local": "The text stays on this machine: it is not stored, uploaded or logged.",
        "remote": "The text is sent to the machine that runs this service; it is neither stored "
        "nor logged.",
        "disclaimer": "A model decides, and it can be wrong. This is no legal advice.",
        "result": "Result",
        "confidence": "Confidence",
        "about": "about {percent}%",
        "also": "May also be",
        "scores": "Details of the verdict",
        "review": "This result is uncertain: ",
        "caption": "Probability of each kind of conduct (independent; they need not add up "
        "to 100%)",
        "words": "The words that decided",
        "words_hint": "This is the original text. The words that weighed most are marked; the kind "
        "stands in square brackets after them.",
        "reasons": "What the marked words do to the probability:",
        "reason": "Without these words the probability changes from about {full}% to about "
        "{without}%; with nothing but them it is about {alone}%.",
        "findings": "From the details you gave",
        "steps": "What you can do",
        "more_steps": "More that you can do ({count})",
        "unverified": "number not verified at its source",
        "channels": "What these numbers and offices are for",
        "keep": "Keep this evidence",
        "more_things": "{count} more",
        "law": "Provisions that may apply",
        "more_law": "{count} more, {tier}",
        "maximum": "At most",
        "condition": "What one message cannot show",
        "in_force": "In force",
        "source": "Source",
        "guidance": "For orientation only ({count})",
        "guidance_note": "Not law: known at second hand, or our own view, as each says.",
        "facts": "More details (optional)",
        "facts_hint": "The text does not show these; they make the answer more exact. Used for "
        "this answer only, not stored.",
        "api": "API documentation",
        "desk": "Triage of complaints",
        "error": "No result",
        "over": "{over} characters too many",
        "count": "{count} / {limit}",
    },
}

FACT_NAMES: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "received_on": "收到日期",
        "received_at": "收到时间",
        "count_today": "当天对方联系了几次",
        "recipient": "收到信息的人是",
        "beyond_debt": "是否要求付欠款以外的钱（手续费、删除费、“私了费”等）",
        "unlawful_debt": "是否无牌照放贷或高利贷",
    },
    "en": {
        "received_on": "Date received",
        "received_at": "Time received",
        "count_today": "Contacts by this sender that day",
        "recipient": "It was received by",
        "beyond_debt": "Was money beyond the debt asked for (such as a fee for deletion)?",
        "unlawful_debt": "Is the lender unlicensed, or the loan usurious?",
    },
}
"""What each field of `model.law.Facts` is called, in the order of the form."""

_YES_NO: Final[dict[Language, dict[str, str]]] = {
    "zh": {"": "不清楚", "true": "是", "false": "否"},
    "en": {"": "Not known", "true": "Yes", "false": "No"},
}
FACT_OPTIONS: Final[dict[Language, dict[str, dict[str, str]]]] = {
    "zh": {
        "recipient": {
            "": "未填写",
            "debtor": "借款人本人",
            "guarantor": "担保人或共同借款人",
            "third_party": "不欠这笔钱的人",
        },
        "beyond_debt": _YES_NO["zh"],
        "unlawful_debt": _YES_NO["zh"],
    },
    "en": {
        "recipient": {
            "": "Not stated",
            "debtor": "The borrower",
            "guarantor": "A guarantor or joint borrower",
            "third_party": "Somebody who does not owe it",
        },
        "beyond_debt": _YES_NO["en"],
        "unlawful_debt": _YES_NO["en"],
    },
}
"""What can be chosen for a fact, value and words; "" states nothing."""

# Invented, like every name and number in them.
EXAMPLES: Final[dict[str, str]] = {
    "lawful_reminder": "【某某消费金融】您尾号0000的借款已于5月10日到期，应还1200.00元。"
    "请通过App还款；如有疑问或还款困难，请致电客服。",
    "harassment": "欠钱不还还有脸睡觉？不要脸的东西，从今天起每天给你打一百个电话，打到你还为止。",
    "threat_extortion": "今天下午六点前不还，就带人去你家门口等你，"
    "再把你的照片群发给通讯录里所有人。",
    "privacy_disclosure": "您好，您的同事张某某在我平台借款逾期45天，"
    "欠款8600元，请转告他尽快还款。",
}
