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
        "clear": "清空",
        "try": "试试例子：",
        "local": "文本只在本机处理：不保存、不上传文本，也不写入日志。",
        "remote": "文本发送到运行本服务的机器上处理：不保存文本，也不写入日志。",
        "disclaimer": "判断由模型给出，可能出错；仅供参考，不是法律意见。",
        "result": "判断结果",
        "confidence": "把握",
        "about": "约 {percent}%",
        "also": "另外可能有",
        "scores": "四类得分（互相独立，合计不必为 100%）",
        "review": "本结果不确定：",
        "caption": "每类行为的概率",
        "basis": "可能相关的规定",
        "steps": "可以怎么做",
        "api": "接口文档",
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
        "scores": "Four scores (independent; they need not add up to 100%)",
        "review": "This result is uncertain: ",
        "caption": "Probability of each kind of conduct",
        "basis": "Provisions that may apply",
        "steps": "What you can do",
        "api": "API documentation",
        "error": "No result",
        "over": "{over} characters too many",
        "count": "{count} / {limit}",
    },
}

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
