"""The answer after the label as a person meets it, with and without JavaScript, in both sizes."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect
from test_page_in_browser import assert_fits
from visit import Visit

HOSTILE = "今天不还就在门口等你，\n再告诉你同事，不要脸"


def ask(page: Page, text: str = HOSTILE, **facts: str) -> Locator:
    """Fill in the form in Chinese, send it, and return the section of the result."""
    page.goto("/")
    page.get_by_label("催收信息").fill(text)
    if facts:
        page.get_by_text("补充情况").click()
    for label, value in facts.items():
        field = page.get_by_label(label)
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.get_by_role("button", name="判断类别").click()
    expect(page.get_by_role("heading", level=2)).to_be_visible()
    return page.locator("#result")


def test_the_words_are_marked_in_the_text_of_the_victim(visit: Visit) -> None:
    result = ask(visit.page)
    words = result.get_by_role("group", name="起决定作用的字词")
    shown = "门口等你[威胁]，\n再告诉你同事[泄露隐私]，不要脸[骚扰]"
    expect(words).to_contain_text(shown, use_inner_text=True)
    marks = words.locator("mark")
    expect(marks).to_have_count(3)
    lines = marks.evaluate_all("all => all.map(m => getComputedStyle(m).textDecorationStyle)")
    assert sorted(lines) == ["double", "solid", "wavy"], "told apart without colour"
    assert_fits(visit.page)


def test_help_is_in_sight_and_the_rest_one_click_away(visit: Visit) -> None:
    result = ask(visit.page)
    expect(result.get_by_role("link", name="110", exact=True).first).to_have_attribute(
        "href", "tel:110"
    )
    expect(result.get_by_text("欠款本身仍需依法偿还")).to_be_visible()
    expect(result.get_by_text("12378").first).to_be_hidden()
    result.get_by_text("还可以做的").click()
    expect(result.get_by_text("12378").first).to_be_visible()
    result.get_by_text("刑事：还有").click()
    crime = result.get_by_text("寻衅滋事罪")
    crime.first.click()
    condition = crime.first.locator("xpath=ancestor::details[1]").get_by_text("单凭一条信息看不出")
    expect(condition).to_be_visible()
    assert_fits(visit.page)


def test_details_that_the_text_does_not_show(visit: Visit) -> None:
    page = visit.page
    result = ask(page, "请还款", 收到时间="23:30", 当天对方联系了几次="12", 收到信息的人是="debtor")
    expect(page.get_by_role("heading", level=2)).to_contain_text("合法提醒")
    findings = result.get_by_role("region", name="根据补充情况")
    expect(findings.get_by_role("listitem")).to_have_count(2)
    expect(page.get_by_label("收到时间")).to_have_value("23:30")
    expect(page.get_by_label("收到时间")).to_be_visible()
    assert_fits(page)


def test_a_wrong_detail_is_named_and_the_form_kept(visit: Visit) -> None:
    page = visit.page
    page.goto("/")
    page.get_by_text("补充情况").click()
    page.get_by_label("收到日期").evaluate("field => { field.type = 'text'; }")
    page.get_by_label("收到日期").fill("昨天")
    page.get_by_label("催收信息").fill("请还款")
    page.get_by_role("button", name="判断类别").click()
    expect(page.get_by_text("收到日期 的类型应为 date YYYY-MM-DD")).to_be_visible()
    expect(page.get_by_label("收到日期")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("催收信息")).not_to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("催收信息")).to_have_value("请还款")
    assert_fits(page)
    visit.complaints.clear()  # Chromium reports the status 422 of a fetch as an error


def test_out_of_scope_is_calm(visit: Visit) -> None:
    result = ask(visit.page, "晚上一起吃火锅吗")
    expect(result.locator("mark")).to_have_count(0)
    expect(result.get_by_role("link", name="110", exact=True)).to_be_visible()
    assert_fits(visit.page)


def test_a_long_text_stays_small(visit: Visit) -> None:
    result = ask(visit.page, "请还款。\n" * 300 + "门口等你")
    words = result.get_by_role("group", name="起决定作用的字词")
    box = words.bounding_box()
    assert box
    assert box["height"] < 400
    words.focus()
    expect(words).to_be_focused()
    assert_fits(visit.page)
