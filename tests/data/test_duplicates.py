from data.duplicates import near_duplicate_groups, shingles

TEMPLATE = (
    "【某银行】尊敬的王先生，您尾号{}的贷款已于{}月到期，应还{}元，请尽快还款，如已还款请忽略。"
)


def test_a_template_with_other_numbers_punctuation_or_script_is_the_same_text() -> None:
    assert shingles(TEMPLATE.format(1234, 5, "1,000.50")) == shingles(
        TEMPLATE.format(88, 12, 7).replace("，", " ").replace("贷", "貸")
    )


def test_groups_are_chained_and_leave_strangers_out() -> None:
    base = "明天下午三点以前不把八千块钱打过来我就把你的照片发到你们小区业主群里"
    near = base.replace("明天下午三点", "今天晚上六点")
    far = near.replace("发到你们小区业主群里", "贴到你们单位大门口上")
    texts = ["今天天气不错一起去爬山吧", base, "晚饭想吃什么呀", near, far]
    assert near_duplicate_groups(texts) == [[1, 3, 4]]


def test_threshold_of_one_joins_only_equal_content() -> None:
    assert near_duplicate_groups(["还钱，现在！", "还钱现在", "还钱现在吧"], 1.0) == [[0, 1]]


def test_texts_without_any_word_do_not_all_look_alike() -> None:
    assert near_duplicate_groups(["！！！", "？？？", "😀", ""]) == []
