"""The page as a person uses it. Set DUNLENS_SCREENSHOTS to a folder to look at it yourself."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from visit import Visit

THREAT = "今天不还就在门口等你，再告诉你同事"


def classify(page: Page, text: str, button: str = "判断类别") -> None:
    page.get_by_label("催收信息" if button == "判断类别" else "Message").fill(text)
    page.get_by_role("button", name=button).click()


def assert_fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    box = page.locator("body").bounding_box()
    size = page.viewport_size
    assert box
    assert size
    assert box["width"] <= size["width"]
    for element in page.locator("main *:visible").all():
        inner = element.bounding_box()
        assert inner is None or inner["x"] + inner["width"] <= size["width"] + 1


def test_empty(visit: Visit) -> None:
    visit.page.goto("/")
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("哪一类")
    assert_fits(visit.page)


def test_threat(visit: Visit) -> None:
    page = visit.page
    page.goto("/")
    classify(page, THREAT)
    outcome = page.get_by_role("heading", level=2)
    expect(outcome).to_contain_text("威胁、恐吓、敲诈勒索")
    expect(outcome).to_be_in_viewport()
    expect(page.get_by_text("110").first).to_be_visible()
    expect(page.get_by_text("另外可能有")).to_be_visible()
    expect(page).to_have_title("威胁、恐吓、敲诈勒索 · DunLens 催收透镜")
    expect(page.get_by_label("催收信息")).to_have_value(THREAT)
    page.get_by_text("判断的细节").click()
    expect(page.get_by_role("rowheader", name="合法提醒")).to_be_visible()
    assert_fits(page)


def test_uncertain(visit: Visit) -> None:
    visit.page.goto("/")
    classify(visit.page, "也许请还款")
    expect(visit.page.get_by_text("本结果不确定")).to_be_visible()
    assert_fits(visit.page)


def test_english(visit: Visit) -> None:
    page = visit.page
    page.goto("/")
    page.get_by_role("link", name="English").click()
    classify(page, "告诉你同事", button="Classify")
    expect(page.get_by_role("heading", level=2)).to_contain_text("Privacy disclosure")
    expect(page.get_by_role("link", name="中文")).to_be_visible()
    assert_fits(page)


def test_example(visit: Visit) -> None:
    page = visit.page
    page.goto("/")
    page.get_by_role("link", name="骚扰、辱骂").click()
    page.get_by_role("button", name="判断类别").click()
    expect(page.get_by_role("heading", level=2)).to_contain_text("骚扰、辱骂")


@pytest.mark.parametrize(("character", "count"), [("长", 4001), (" ", 2)], ids=["long", "blank"])
def test_wrong_input(visit: Visit, character: str, count: int) -> None:
    page = visit.page
    page.goto("/")
    classify(page, character * count)
    expect(page.get_by_role("heading", name="无法判断")).to_be_visible()
    expect(page.get_by_label("催收信息")).to_have_attribute("aria-invalid", "true")
    assert_fits(page)
    visit.complaints.clear()  # Chromium reports the status 422 of a fetch as an error


def test_the_keyboard_is_enough(visit: Visit) -> None:
    page = visit.page
    page.goto("/")
    page.get_by_label("催收信息").focus()
    page.keyboard.type("请还款")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("收到时间")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_label("收到时间")).to_be_hidden()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2)).to_contain_text("合法提醒")
