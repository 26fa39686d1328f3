"""axe-core on the page: no serious or critical violation, in both languages, sizes and schemes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from axe_playwright_python.sync_playwright import Axe
from fake_server import ServerProcess
from playwright.sync_api import Browser, Page, expect
from visit import DESKTOP, PHONE

Open = Callable[..., Page]
HOSTILE = "今天不还就在门口等你，再告诉你同事，不要脸，你去死"
STATES = {
    "empty": "",
    "threat": HOSTILE,
    "lawful": "请还款",
    "uncertain": "也许请还款",
    "long": "请还款。" * 300,
    "out-of-scope": "晚上一起吃火锅吗",
    "error": " ",
}


@pytest.fixture
def open_page(browser: Browser, server: ServerProcess) -> Iterator[Open]:
    """Return a function that opens the page with options of a browser context."""
    with ExitStack() as stack:

        def open_one(path: str, **options: object) -> Page:
            context = browser.new_context(base_url=server.url, **options)  # type: ignore[arg-type]
            stack.callback(context.close)
            context.set_default_timeout(10_000)
            page = context.new_page()
            page.goto(path)
            return page

        yield open_one


def violations(page: Page) -> list[str]:
    """Return what axe holds to be serious or critical: rule and place."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['target']}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "light"), (DESKTOP, "dark")], ids=["phone-light", "desktop-dark"]
)
@pytest.mark.parametrize("state", STATES)
def test_no_serious_violation(
    open_page: Open, language: str, size: dict[str, int], scheme: str, state: str
) -> None:
    page = open_page(f"/?lang={language}", viewport=size, color_scheme=scheme)
    if STATES[state]:
        page.locator("#text").fill(STATES[state])
        page.locator("#received_at").evaluate("field => { field.value = '23:30'; }")
        page.locator("#form button").click()
        expect(page.locator("#outcome")).to_be_focused()
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    assert violations(page) == []


def test_the_check_can_fail(open_page: Open) -> None:
    page = open_page("/")
    page.locator("label[for=text]").evaluate("label => label.remove()")
    assert "label" in [found.split(":")[0] for found in violations(page)]


def test_nothing_moves_and_the_result_is_announced(open_page: Open) -> None:
    page = open_page("/", reduced_motion="reduce")
    seen: list[str] = []
    page.expose_function("seen", lambda text: seen.append(text))
    page.evaluate(
        "() => new MutationObserver(() => window.seen(document.querySelector("
        "'#progress').textContent)).observe(document.querySelector('#progress'), "
        "{childList: true})"
    )
    page.locator("#text").fill(HOSTILE)
    page.locator("#form button").click()
    expect(page.locator("#outcome")).to_be_focused()
    expect(page.locator("#progress")).to_be_empty()
    assert seen[0] == "正在判断…"
    assert page.locator("#progress").get_attribute("role") == "status"
    assert page.evaluate("document.getAnimations().length") == 0
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_large_print_and_zoom_need_no_sideways_scrolling(open_page: Open) -> None:
    page = open_page("/", viewport={"width": 320, "height": 640})
    page.locator("#text").fill(HOSTILE)
    page.locator("#form button").click()
    expect(page.locator("#outcome")).to_be_focused()
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    page.evaluate("document.documentElement.style.fontSize = '150%'")
    wide = page.locator("body *:visible").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().right > 321)"
        ".map(one => one.tagName + one.className)"
    )
    assert wide == []
