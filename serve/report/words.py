"""The words of the report in both languages. It says what may apply, never that somebody did it."""

from __future__ import annotations

from typing import Final

from serve.wording import Language

WORDS: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "title": "催收信息整理报告",
        "made_by": "由 DunLens 催收透镜根据使用者提供的文字自动整理",
        "footer": "DunLens 催收信息整理报告 · 编号 {number}",
        "page": "第 {page} 页，共 {pages} 页",
        "what": "这份报告是什么",
        "what_text": "本报告按时间列出使用者提供的催收信息原文，并附上程序对每条信息的分类、"
        "分类所依据的词语，以及可能相关的法律条文，供本人、出借机构、监管部门或公安机关参考。",
        "no_guilt": "分类由程序根据文字作出，可能出错。它不是鉴定意见，也不是法律意见，"
        "不认定任何人违法或有罪。“可能涉嫌”的意思是：只有其他条件也得到证明，"
        "所列条文才可能适用。"
        "类别名称是统称，不表示其中列举的每种行为都存在。是否违法，由有权机关依法认定。",
        "case": "案件名称",
        "number": "报告编号",
        "count": "信息数量",
        "count_value": "{count} 条",
        "period": "时间范围",
        "period_value": "{first} 至 {last}（使用者填写）",
        "undated": "使用者未填写时间",
        "part_dated": "；另有 {count} 条未填写时间",
        "tool": "程序版本",
        "model": "模型版本",
        "kinds": "程序分类",
        "kind_value": "{name} {count} 条",
        "overview": "时间顺序",
        "overview_text": "按使用者填写的时间排列，未填写时间的排在最后。时间和发送方未经核实。",
        "column_number": "序号",
        "column_time": "时间",
        "column_sender": "发送方",
        "column_label": "分类（程序判断）",
        "column_confidence": "把握",
        "column_start": "开头",
        "no_time": "未填写",
        "no_sender": "未填写",
        "messages": "逐条内容",
        "legend": "有底色和下划线的文字，是程序分类时主要依据的词语；原文没有这些标记。",
        "message": "第 {number} 条",
        "label": "分类",
        "label_value": "{reading}；把握{confidence}",
        "may": "可能涉嫌“{name}”类行为",
        "confidence_value": "{word}，约 {percent}%",
        "also": "另外可能涉嫌",
        "review": "需要复核",
        "words": "依据的词语",
        "words_value": "{name}：{words}。模型给出的概率，完整原文约 {full}%，"
        "去掉这些词语后约 {without}%，只保留这些词语约 {alone}%。",
        "word_open": "“",
        "word_close": "”",
        "word_join": "、",
        "article_join": "、",
        "no_words": "没有可以单独指出的词语",
        "facts": "使用者陈述",
        "facts_none": "未填写",
        "findings": "结合陈述",
        "finding_value": "{text}（来源：{status}）",
        "laws": "可能相关条文",
        "laws_none": "无",
        "hash": "原文 SHA-256",
        "provisions": "可能相关的法律条文",
        "provisions_text": "每条信息能否适用，取决于“一条信息看不出的条件”是否得到证明。"
        "概要由本项目撰写，以法律原文为准。"
        "〔〕中的 R1、R2 表示条文原文的来源：",
        "provision_for": "涉及信息",
        "provision_for_value": "第 {numbers} 条",
        "provision_summary": "概要",
        "provision_maximum": "最高后果",
        "provision_condition": "一条信息看不出的条件",
        "provision_since": "{start} 起施行",
        "provision_until": "{start} 至 {end} 施行",
        "provision_status": "效力和来源",
        "read": "条文已读〔{mark}〕",
        "guidance": "仅供参考的规范和看法",
        "guidance_text": "以下内容来自二手资料或本项目的看法，未经核对原文，不作为法律依据。",
        "unknown": "程序无法知道的事",
        "hash_title": "如何核对原文",
        "hash_text": "每条信息附有原文（UTF-8 编码的字节，与提交给程序的完全一致）的 SHA-256 值。"
        "它能说明报告中的文字与提交时相同，不能证明信息的来源和时间。"
        "请保留原始短信、聊天记录、通话记录和录音，不要删改。",
        "unseen_text": "原文中下列字符没有字形或不可见，在报告中以方括号内的编码显示：",
        "unseen_value": "{code} {name}：{count} 次",
        "control": "控制字符",
        "unseen_more": "以及另外 {count} 种字符",
        "signature_name": "提交人",
        "signature_date": "日期",
        "steps": "给本人的提示",
        "steps_text": "这一部分供本人使用，提交报告时可以不附。",
        "do": "可以怎么做",
        "keep": "保留哪些证据",
        "channels": "联系谁",
        "unverified": "未核实",
        "status": "〔{status}〕",
        "separator": "；",
        "colon": "：",
    },
    "en": {
        "title": "Report on collection messages",
        "made_by": "Compiled automatically by DunLens from texts that the user supplied",
        "footer": "DunLens report on collection messages · no. {number}",
        "page": "page {page} of {pages}",
        "what": "What this report is",
        "what_text": "It lists in order of time the collection messages that the user supplied, "
        "each with the category that a program gave it, the words this rests on, and the "
        "provisions of law that may bear on it. It is meant for the person concerned, the "
        "lender, the regulator or the police.",
        "no_guilt": "A program reads the categories off the text, and it can be wrong. This is "
        "neither an expert opinion nor legal advice, and it finds nobody guilty of anything. "
        "'May amount to' means: only if further conditions are proved may the provisions named "
        "apply. "
        "The name of a category is a collective one: not all that it names need be there. "
        "Whether a law was broken is for the competent authority to decide.",
        "case": "Case",
        "number": "Report number",
        "count": "Messages",
        "count_value": "{count}",
        "period": "Period",
        "period_value": "{first} to {last} (as the user states)",
        "undated": "the user states no times",
        "part_dated": "; {count} without a time",
        "tool": "Program",
        "model": "Model",
        "kinds": "Categories",
        "kind_value": "{name}: {count}",
        "overview": "Chronology",
        "overview_text": "In order of the times that the user states; messages without one come "
        "last. Neither times nor senders have been verified.",
        "column_number": "No.",
        "column_time": "Time",
        "column_sender": "Sender",
        "column_label": "Category (program's reading)",
        "column_confidence": "Confidence",
        "column_start": "Beginning",
        "no_time": "not stated",
        "no_sender": "not stated",
        "messages": "Message by message",
        "legend": "Words with a background and a line under them are those that the category "
        "mainly rests on. The original has no such marks.",
        "message": "Message {number}",
        "label": "Category",
        "label_value": "{reading}; confidence {confidence}",
        "may": "may amount to '{name}'",
        "confidence_value": "{word}, about {percent}%",
        "also": "May also amount to",
        "review": "To be checked",
        "words": "Rests on",
        "words_value": "{name}: {words}. Probability that the model gives: about {full}% for the "
        "whole text, {without}% without these words, {alone}% for these words alone.",
        "word_open": "'",
        "word_close": "'",
        "word_join": ", ",
        "article_join": "; ",
        "no_words": "no words that can be singled out",
        "facts": "The user states",
        "facts_none": "nothing",
        "findings": "With that stated",
        "finding_value": "{text} (source: {status})",
        "laws": "May bear on it",
        "laws_none": "none",
        "hash": "SHA-256 of original",
        "provisions": "Provisions of law that may bear on the messages",
        "provisions_text": "Whether one applies depends on the conditions that one message cannot "
        "show. The summaries are ours; the text of the law decides. "
        "R1 and R2 tell where the text was read:",
        "provision_for": "Messages",
        "provision_for_value": "{numbers}",
        "provision_summary": "Summary",
        "provision_maximum": "Gravest outcome",
        "provision_condition": "One message cannot show",
        "provision_since": "in force since {start}",
        "provision_until": "in force {start} to {end}",
        "provision_status": "Force and source",
        "read": "text read [{mark}]",
        "guidance": "Guidance only",
        "guidance_text": "Known at second hand, or our own view. Not checked against an original, "
        "and no basis in law.",
        "unknown": "What the program cannot know",
        "hash_title": "How to check the originals",
        "hash_text": "Each message comes with the SHA-256 of its original (the UTF-8 bytes exactly "
        "as they were submitted). It shows that the text here is the one submitted; it proves "
        "neither origin nor time. Keep the original messages, chats, call records and recordings "
        "unaltered.",
        "unseen_text": "These characters of the originals have no glyph or are invisible. They "
        "appear as a code in brackets:",
        "unseen_value": "{code} {name}: {count} times",
        "control": "control character",
        "unseen_more": "and {count} other characters",
        "signature_name": "Submitted by",
        "signature_date": "Date",
        "steps": "For yourself",
        "steps_text": "This part is for you. You may leave it out when you hand in the report.",
        "do": "What you can do",
        "keep": "What to keep",
        "channels": "Whom to contact",
        "unverified": "not verified",
        "status": "[{status}]",
        "separator": "; ",
        "colon": ": ",
    },
}

UNKNOWN: Final[dict[Language, tuple[str, ...]]] = {
    "zh": (
        "信息是否真实、完整，是否确由所列发送方发出；程序只读到使用者提交的文字。",
        "债务是否存在、金额多少、是否合法，例如是否属于高利放贷。",
        "行为是否多次发生、情节是否严重、造成什么后果，使用者另有陈述的除外。",
        "发送者的身份、目的和主观故意。",
        "没有提交的电话、上门、其他平台的信息和双方此前的往来。",
        "对某一条信息，分类是否正确：所列把握是按以往数据估计的，单条仍可能判断错误。",
    ),
    "en": (
        "Whether the messages are genuine and complete, and come from the sender named: it reads "
        "only the text that the user submits.",
        "Whether the debt exists, how much it is, and whether it is lawful.",
        "Whether the conduct was repeated, how grave it was and what it led to, save as the user "
        "states.",
        "Who the sender is, and what they intended.",
        "Calls, visits and messages that were not submitted, and what passed before.",
        "Whether it reads one given message rightly: its confidence is estimated from other data.",
    ),
}

FACTS: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "received_on": "收到日期 {value}",
        "received_at": "收到时间 {value}",
        "count_today": "当天同一方联系 {value} 次",
        "recipient.debtor": "收到者是借款人",
        "recipient.guarantor": "收到者是担保人",
        "recipient.third_party": "收到者不欠这笔款",
        "beyond_debt.True": "对方索要不欠的钱款",
        "beyond_debt.False": "对方没有索要不欠的钱款",
        "unlawful_debt.True": "债务本身不合法",
        "unlawful_debt.False": "债务本身合法",
    },
    "en": {
        "received_on": "received on {value}",
        "received_at": "received at {value}",
        "count_today": "{value} contacts by this sender that day",
        "recipient.debtor": "the recipient is the debtor",
        "recipient.guarantor": "the recipient is a guarantor",
        "recipient.third_party": "the recipient does not owe this debt",
        "beyond_debt.True": "money is asked that is not owed",
        "beyond_debt.False": "no money is asked that is not owed",
        "unlawful_debt.True": "the debt itself is unlawful",
        "unlawful_debt.False": "the debt itself is lawful",
    },
}
