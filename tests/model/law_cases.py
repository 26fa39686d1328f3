"""A text with facts for every rule and finding of the law book, and one to which it is not applied.

Names, numbers and firms are invented.
"""

from typing import Any, NamedTuple

LAWFUL = "lawful_reminder"
HARASSMENT = "harassment"
THREAT = "threat_extortion"
PRIVACY = "privacy_disclosure"
OUT = "out_of_scope"


class Message(NamedTuple):
    """A text as the classifier labelled it, with what its recipient states."""

    text: str
    label: str
    also: tuple[str, ...] = ()
    facts: dict[str, Any] = {}  # noqa: RUF012 - never changed


REMINDER = Message(
    "【青禾消费金融】您尾号1234的借款已于5月10日到期，应还1,200.00元，请通过App还款，有疑问请联系客服。",
    LAWFUL,
)
CHAT = Message("晚上一起吃火锅吗？我订了七点的位子。", OUT)
INSULT = Message("你这种老赖还要不要脸，借钱的时候像孙子，还钱的时候装死。", HARASSMENT)
VIOLENCE = Message("周五之前钱不到账，打断你两条腿，不信你试试。", THREAT)
TO_COLLEAGUE = Message(
    "您好，您的同事张某某在我司欠款8600元已逾期，请转告他尽快处理，否则影响你们单位声誉。", PRIVACY
)
NO_CUE = "钱今晚不到，别怪我不客气，弄残你。"

# id of the rule -> a message to which it applies, and one to which it does not
RULES: dict[str, tuple[Message, Message]] = {
    "lawful-claim": (REMINDER, CHAT),
    "lawful-assignment": (
        Message("您欠青禾小贷的债权已依法转让给远山资产公司，请向新债权人履行还款义务。", LAWFUL),
        REMINDER,
    ),
    "lawful-credit-record": (
        Message("您的贷款已逾期30天，我行将依法向征信系统报送不良信息，请尽快还款。", LAWFUL),
        REMINDER,
    ),
    "lawful-objection": (REMINDER, INSULT),
    "lawful-card": (
        Message(
            "尊敬的客户，您信用卡本期最低还款500元，请于25日前还款，如有困难可致电协商。", LAWFUL
        ),
        REMINDER,
    ),
    "lawful-visit": (
        Message("您好，我司外访人员拟于周三上午到访您登记的住址沟通还款事宜，请预约时间。", LAWFUL),
        REMINDER,
    ),
    "lawful-at-night": (
        REMINDER._replace(facts={"received_at": "23:30"}),
        REMINDER._replace(facts={"received_at": "15:00"}),
    ),
    "lawful-too-often": (
        REMINDER._replace(facts={"count_today": 10}),
        REMINDER._replace(facts={"count_today": 2}),
    ),
    "lawful-third-party": (
        Message(
            "您好，麻烦请李先生方便时给我们回个电话，谢谢。",
            LAWFUL,
            (),
            {"recipient": "third_party"},
        ),
        REMINDER._replace(facts={"recipient": "guarantor"}),
    ),
    "threat-to-safety": (VIOLENCE, INSULT),
    "threat-false-authority": (
        Message("我是市公安局经侦支队王警官，今天不还款下午就带民警到你单位抓人。", THREAT),
        Message(NO_CUE, THREAT),
    ),
    "threat-false-document": (
        Message(
            "法院传票已下达，案号（2026）冀0102民初8888号，三小时内不还款直接执行逮捕令。", THREAT
        ),
        Message(NO_CUE, THREAT),
    ),
    "threat-crime-charge": (
        Message("你恶意透支拒不归还，已涉嫌信用卡诈骗，明天就让你坐牢。", THREAT),
        Message(NO_CUE, THREAT),
    ),
    "threat-blacklist": (
        Message("72小时内不处理，直接把你列入失信名单，全家不能坐高铁。", THREAT),
        Message(NO_CUE, THREAT),
    ),
    "threat-false-lawyer": (
        Message("我是律师，今天不还就让你进去蹲着，自己掂量。", THREAT),
        Message(NO_CUE, THREAT),
    ),
    "threat-home-liberty": (
        Message("明天带几个兄弟去你家门口堵着，不还钱谁也别想出门。", THREAT),
        Message("钱今晚不到，别怪我不客气，弄残你。", THREAT),
    ),
    "threat-to-expose": (
        Message("再不还就把你的照片群发给通讯录所有人，看你怎么做人。", THREAT, (PRIVACY,)),
        Message(NO_CUE, THREAT),
    ),
    "extortion": (
        Message(
            "想让我不找你家人，先交3000元私了费，否则今晚就动手。",
            THREAT,
            (),
            {"beyond_debt": True},
        ),
        Message("今晚不还本金就动手，别怪我不客气。", THREAT, (), {"beyond_debt": False}),
    ),
    "extortion-online": (
        Message(
            "照片已经发到朋友圈了，想删除就转2000元删帖费。",
            PRIVACY,
            (THREAT,),
            {"beyond_debt": True},
        ),
        Message("先交3000元私了费，不然今晚弄残你。", THREAT, (), {"beyond_debt": True}),
    ),
    "extortion-not-stated": (VIOLENCE, VIOLENCE._replace(facts={"beyond_debt": False})),
    "privacy-spread": (TO_COLLEAGUE, INSULT),
    "privacy-sensitive": (
        Message("各位邻居，王某某欠钱不还，银行卡号和女儿学校都在这里：6222****0000。", PRIVACY),
        TO_COLLEAGUE,
    ),
    "privacy-liability": (TO_COLLEAGUE, VIOLENCE),
    "privacy-crime": (
        Message("已把你的欠款和身份证照片群发给你通讯录里的312个人。", PRIVACY),
        VIOLENCE,
    ),
    "pestering": (
        Message("不接电话就一天打你一百遍，呼死你，打到你还为止。", HARASSMENT),
        REMINDER,
    ),
    "no-contact-order": (
        Message("今天打不通就继续打，天天打，打到你全家睡不着。", HARASSMENT),
        TO_COLLEAGUE,
    ),
    "insult": (INSULT, VIOLENCE),
    "private-peace": (Message("不接电话就一天打你一百遍，呼死你。", HARASSMENT), TO_COLLEAGUE),
    "dignity": (INSULT, VIOLENCE),
    "danger": (Message("今晚就去你家泼油漆，让你住不安生。", THREAT), INSULT),
    "civil-remedies": (TO_COLLEAGUE, REMINDER),
    "groundless-harassment": (
        Message(
            "你不是他姐吗，他不还就天天找你，让他马上回电话！",
            HARASSMENT,
            (),
            {"recipient": "third_party"},
        ),
        VIOLENCE,
    ),
    "provoking-trouble": (VIOLENCE, TO_COLLEAGUE),
    "public-insult-crime": (
        Message("@全体成员 看看这个不要脸的骗子垃圾，欠钱不还的畜生。", PRIVACY, (HARASSMENT,)),
        VIOLENCE,
    ),
    "unlawful-debt-crime": (
        Message(
            "借3000到手2100，七天还3000，今天不还砍死你。", THREAT, (), {"unlawful_debt": True}
        ),
        Message("房租拖了两个月，今天不还砍死你。", THREAT, (), {"unlawful_debt": False}),
    ),
    "unlawful-debt-standard": (
        Message("714的钱你也敢拖，天天打你电话打到你疯。", HARASSMENT, (), {"unlawful_debt": True}),
        Message("天天打你电话打到你疯。", HARASSMENT),
    ),
    "unlawful-debt": (
        REMINDER._replace(facts={"unlawful_debt": True}),
        REMINDER,
    ),
    "unlawful-debt-beyond": (
        Message(
            "砍头息归砍头息，逾期费一天500，不交就打断你的手。",
            THREAT,
            (),
            {"unlawful_debt": True, "beyond_debt": True},
        ),
        Message("逾期费一天500，不交就打断你的手。", THREAT, (), {"beyond_debt": True}),
    ),
    "guarantor": (
        Message(
            "您为陈某某的借款提供了保证，该笔借款已逾期，请您依约履行保证责任。",
            LAWFUL,
            (),
            {"recipient": "guarantor"},
        ),
        REMINDER._replace(facts={"recipient": "debtor"}),
    ),
    "third-party": (
        TO_COLLEAGUE._replace(facts={"recipient": "third_party"}),
        REMINDER._replace(facts={"recipient": "debtor"}),
    ),
    "reporting": (INSULT, REMINDER),
    "industry-rules": (INSULT, REMINDER),
    "industry-contacts": (TO_COLLEAGUE, VIOLENCE),
    "card-rules": (
        Message("刷卡的时候爽，还信用卡就装死，你就是个无赖。", HARASSMENT),
        INSULT,
    ),
}

# id of the finding -> a message with facts that lead to it, and one with facts that do not
FINDINGS: dict[str, tuple[Message, Message]] = {
    "night-lawful": (
        REMINDER._replace(facts={"received_at": "23:30"}),
        REMINDER._replace(facts={"received_at": "09:00"}),
    ),
    "night": (INSULT._replace(facts={"received_at": "02:00"}), INSULT),
    "more-than-three": (
        REMINDER._replace(facts={"count_today": 4}),
        REMINDER._replace(facts={"count_today": 3}),
    ),
    "more-than-six": (
        INSULT._replace(facts={"count_today": 7}),
        INSULT._replace(facts={"count_today": 6}),
    ),
    "does-not-owe": (
        TO_COLLEAGUE._replace(facts={"recipient": "third_party"}),
        TO_COLLEAGUE._replace(facts={"recipient": "guarantor"}),
    ),
}

DESPAIR = (
    Message("你怎么不去死，死了我还能少打一个电话。", HARASSMENT),
    Message("两百块都拿不出，你活着干嘛。", HARASSMENT),
    Message("你要跳楼就快跳，跳完拍个视频给我。", HARASSMENT),
    Message("还不起就去死吧，死了算了。", HARASSMENT),
    Message("你 去 死，赶 紧 去 死", HARASSMENT),
    Message("妳怎麼不去死啊", HARASSMENT),
    Message("我被骂得想死的心都有，不知道怎么办。", THREAT),
    Message("催收天天打我妈电话，我真的撑不下去了。", HARASSMENT),
    Message("我不想活了，欠了十几万，每天都有人打电话。", OUT),
    Message("我爱人最近老说活着没意思，我很害怕。", OUT),
    Message("给家里写了遗书，走投无路。", OUT),
)
NO_DESPAIR = (
    REMINDER,
    CHAT,
    VIOLENCE,
    INSULT,
    TO_COLLEAGUE,
    Message("年终跳楼价，全场三折，跳楼大甩卖最后三天！", OUT),
    Message("我想死你了，周末见。", OUT),
    Message("全家不得好死，断子绝孙。", HARASSMENT),
    Message("你就死了这条心吧，这笔钱必须还。", HARASSMENT),
    Message("今天不还钱，弄死你全家。", THREAT),
    Message("不还钱我就跟你死磕到底。", HARASSMENT),
    Message("自杀式优惠来袭，满100减50。", OUT),
)
