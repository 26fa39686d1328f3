"""What JavaScript adds, and the offline API documentation, which needs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fake_server import ServerProcess
from playwright.sync_api import Browser, expect
from visit import Visit


@pytest.fixture
def desk(browser: Browser, server: ServerProcess) -> Iterator[Visit]:
    """Return an empty tab with JavaScript."""
    context = browser.new_context(base_url=server.url, locale="zh-CN")
    context.set_default_timeout(10_000)
    visit = Visit(context.new_page())
    yield visit
    context.close()
    assert [url for url in visit.requests if not url.startswith((server.url, "data:"))] == []


def test_result_comes_without_a_reload_and_takes_the_focus(desk: Visit) -> None:
    page = desk.page
    page.goto("/")
    page.evaluate("window.same = true")
    page.get_by_label("催收信息").fill("请还款")
    page.get_by_role("button", name="判断类别").click()
    expect(page.locator("#outcome")).to_be_focused()
    assert page.evaluate("window.same")
    expect(page.get_by_role("button", name="判断类别")).to_be_enabled()
    page.get_by_role("link", name="清空").click()
    expect(page.get_by_label("催收信息")).to_have_value("")
    expect(page.locator("#result")).to_be_empty()
    assert desk.complaints == []


def test_an_answer_that_comes_after_clearing_is_not_shown(desk: Visit) -> None:
    page = desk.page
    page.goto("/")
    page.evaluate(
        "() => { const real = window.fetch; window.fetch = (...given) =>"
        " new Promise((go) => { window.release = go; }).then(() => real(...given)); }"
    )
    page.get_by_label("催收信息").fill("请还款")
    page.get_by_role("button", name="判断类别").click()
    page.get_by_role("link", name="清空").click()
    expect(page.get_by_role("button", name="判断类别")).to_be_enabled()
    page.evaluate("() => { window.release(); return new Promise((go) => setTimeout(go, 500)); }")
    expect(page.locator("#result")).to_be_empty()
    expect(page.get_by_label("催收信息")).to_have_value("")
    assert desk.complaints == []


def test_a_wrong_text_is_described_by_its_error(desk: Visit) -> None:
    page = desk.page
    page.goto("/")
    text = page.get_by_label("催收信息")
    text.fill("  ")
    page.get_by_role("button", name="判断类别").click()
    expect(text).to_have_attribute("aria-describedby", "hint error")
    expect(text).to_have_accessible_description(
        "最多 4000 个字符，一次一条。 催收信息 不能为空白，至少 1 个字符"
    )
    page.get_by_role("link", name="清空").click()
    expect(text).to_have_attribute("aria-describedby", "hint")
    expect(text).to_have_attribute("aria-invalid", "false")


def test_characters_are_counted_as_the_server_counts_them(desk: Visit) -> None:
    page = desk.page
    page.goto("/")
    text = page.get_by_label("催收信息")
    text.fill("😀" * 3300)
    expect(page.locator("#count")).to_have_text("3300 / 4000")
    text.fill("😀" * 4003)
    expect(page.locator("#count")).to_have_text("超出 3 个字符")
    text.fill("短")
    expect(page.locator("#count")).to_have_text("")


def test_api_documentation_works_offline(desk: Visit) -> None:
    page = desk.page
    page.goto("/docs")
    expect(page.get_by_text("/v1/classify").first).to_be_visible()
    page.get_by_text("/v1/classify").first.click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table").get_by_text("fake-1").first).to_be_visible()
    assert desk.complaints == []
