"""The desk in a real browser, from a file that is dropped to one that is saved."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from fake_server import ServerProcess, running_server
from playwright.sync_api import Browser, Page, expect
from visit import Visit

DESKTOP, TABLET = {"width": 1440, "height": 900}, {"width": 900, "height": 1100}
API = "/v1/triage/jobs"
HOSTILE = "<img src=x onerror=\"document.title='broken'\"><script>alert(1)</script>门口等你"
OpenDesk = Callable[..., Visit]


@pytest.fixture(scope="module")
def desk_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server whose model takes a second a chunk, so that progress can be seen."""
    with running_server(tmp_path_factory.mktemp("desk"), delay_s=1) as process:
        yield process


@pytest.fixture
def open_desk(browser: Browser, desk_server: ServerProcess) -> Iterator[OpenDesk]:
    """Return a function that opens an address of the desk in a new context."""
    with ExitStack() as stack:
        visits: list[Visit] = []

        def open_one(path: str = "/triage", **options: object) -> Visit:
            given = {"viewport": DESKTOP, "locale": "zh-CN"} | options
            context = browser.new_context(base_url=desk_server.url, **given)  # type: ignore[arg-type]
            stack.callback(context.close)
            context.set_default_timeout(15_000)
            visit = Visit(context.new_page())
            visits.append(visit)
            visit.page.goto(path)
            return visit

        yield open_one
        for visit in visits:
            assert visit.complaints == []
            assert [url for url in visit.requests if not url.startswith(desk_server.url)] == []


def complaints_file(rows: int) -> bytes:
    """A file as a complaint desk gets it, in GB18030 with a heading that nobody guesses."""
    lines = ["时间,发送号码,短信内容,备考"]
    for number in range(1, rows + 1):
        text = ("请还款", "今天不还就在门口等你，告诉你同事", "你不要脸", "晚上吃火锅吗")[
            number % 4
        ]
        lines.append(f"2026-03-{1 + number % 28:02d} 10:00,1069{number % 7},{text}第{number}条,")
    quoted = HOSTILE.replace('"', '""')
    lines.append(f'2026-03-01 23:59,=cmd|1,"{quoted}","<b>x</b>"')
    return "\r\n".join(lines).encode("gb18030")


def upload(page: Page, rows: int, name: str = "三月投诉.csv") -> None:
    """Choose a file and wait for the page that asks for its columns."""
    file = {"name": name, "mimeType": "text/csv", "buffer": complaints_file(rows)}
    page.locator("#file").set_input_files(file)  # type: ignore[arg-type]
    page.wait_for_url(re.compile(r"/triage/jobs/\w+"))
    expect(page.locator("#map-preview tbody tr")).to_have_count(min(10, rows + 1))


def finished(page: Page, rows: int) -> None:
    """Upload, start, and wait until all rows are done."""
    upload(page, rows)
    page.locator("#map-start").click()
    expect(page.locator("#job-state")).to_have_text(re.compile("已完成|Done"), timeout=60_000)
    expect(page.locator("#rows-found")).to_contain_text(str(rows + 1))


def chip(page: Page, line: int) -> str:
    return page.locator("#rows tbody tr").nth(line).locator(".chip").inner_text()


def test_from_upload_to_export(open_desk: OpenDesk) -> None:
    page = open_desk().page
    upload(page, 400)
    expect(page.get_by_label("文本（必选）")).to_have_value("短信内容")
    expect(page.get_by_label("时间", exact=True)).to_have_value("时间")
    expect(page.get_by_label("发送方").first).to_have_value("发送号码")
    expect(page.locator("#map-file")).to_contain_text("CSV")
    page.get_by_label("编号", exact=True).select_option("备考")
    expect(page.locator("#map-preview th.is-id")).to_contain_text("备考")
    page.reload()  # nothing is lost: the file is on the server
    expect(page.get_by_label("文本（必选）")).to_have_value("短信内容")

    page.get_by_role("button", name="开始判断").click()
    expect(page.locator("#job-state")).to_have_text("判断中")
    expect(page.locator("#progress-words")).to_contain_text("每秒", timeout=30_000)
    expect(page.locator("#rows tbody tr").first).to_be_visible()
    expect(page.locator("#job-state")).to_have_text("已完成", timeout=60_000)
    expect(page.locator("#progress-words")).to_contain_text("401 / 401 行")
    expect(page.locator("#rows-found")).to_have_text("401 条")

    page.locator("#reviewer").fill("王警官")
    page.locator("#reviewer").press("Tab")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#rows tbody tr").nth(1)).to_be_focused()
    expect(page.locator("#rows tbody tr").nth(1)).to_have_attribute("aria-current", "true")
    page.keyboard.press("k")
    expect(page.locator("#rows tbody tr").nth(0)).to_be_focused()
    before = chip(page, 0)
    page.keyboard.press("3")
    expect(page.locator("#status")).to_contain_text("已改为“骚扰、辱骂”")
    assert before != chip(page, 0) == "骚扰辱骂"
    expect(page.locator(".history li")).to_contain_text("王警官")
    page.keyboard.press("u")
    expect(page.locator("#status")).to_contain_text("已撤销")
    assert chip(page, 0) == before
    expect(page.locator(".history li")).to_have_count(2)
    page.keyboard.press("c")
    expect(page.locator("#status")).to_contain_text("已确认")

    page.keyboard.press("/")
    expect(page.locator("#f-q")).to_be_focused()
    page.keyboard.type("不要脸第1")
    page.keyboard.press("Enter")
    expect(page.locator("#rows-found")).to_have_text("28 条")
    assert "不要脸" not in page.url
    with page.expect_download() as saving:
        page.get_by_role("button", name="CSV").click()
    saved = Path(saving.value.path()).read_bytes()
    lines = list(csv.reader(io.StringIO(saved.decode("utf-8-sig"))))
    assert saving.value.suggested_filename == "三月投诉-dunlens.csv"
    assert len(lines) == 29
    assert lines[0][:4] == ["时间", "发送号码", "短信内容", "备考"]
    assert all("不要脸第1" in line[2] for line in lines[1:])
    with page.expect_download() as saving:
        page.get_by_role("button", name="XLSX").click()
    assert Path(saving.value.path()).read_bytes()[:2] == b"PK"


def test_a_file_can_be_dropped(open_desk: OpenDesk) -> None:
    page = open_desk().page
    data = page.evaluate_handle(
        "text => { const data = new DataTransfer();"
        " data.items.add(new File([text], '拖来的.csv', {type: 'text/csv'})); return data; }",
        "短信内容,时间\n请还款,2026-03-01\n",
    )
    page.locator("#drop").dispatch_event("dragover", {"dataTransfer": data})
    expect(page.locator("#drop")).to_have_class("drop over")
    page.locator("#drop").dispatch_event("drop", {"dataTransfer": data})
    page.wait_for_url(re.compile(r"/triage/jobs/\w+"))
    expect(page.locator("#job-name")).to_have_text("拖来的.csv")


def test_a_file_that_is_refused_says_why(open_desk: OpenDesk) -> None:
    visit = open_desk("/triage?lang=en")
    page = visit.page
    page.locator("#file").set_input_files(
        {"name": "bad.xlsx", "mimeType": "", "buffer": b"PK\x03\x04 no"}  # type: ignore[arg-type]
    )
    expect(page.locator("#upload-state")).to_contain_text("bad.xlsx was not imported: ")
    expect(page.locator("#upload-state")).to_have_class("error")
    visit.complaints.clear()  # Chromium reports the status 422 as an error


def test_no_cell_becomes_markup(open_desk: OpenDesk) -> None:
    page = open_desk().page
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    finished(page, 3)
    page.locator("#f-q").fill("onerror")
    page.keyboard.press("Enter")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    page.locator("#rows tbody tr").click()
    expect(page.locator("#detail-text mark")).to_contain_text("门口等你")
    expect(page.locator("#detail-text")).to_contain_text("<script>alert(1)</script>")
    expect(page.locator(".original")).to_contain_text("<b>x</b>")
    for tab in ("clusters", "senders", "summary", "bad"):
        page.locator(f"#tab-{tab}").click()
        expect(page.locator(f"#view-{tab}")).not_to_contain_text("正在读取")
    assert page.locator("main img, main script, .original b").count() == 0
    assert dialogs == []
    assert "broken" not in page.title()


def test_progress_comes_by_polling_where_events_do_not(open_desk: OpenDesk) -> None:
    visit = open_desk()
    visit.page.route("**/events", lambda route: route.abort())
    finished(visit.page, 60)
    visit.complaints.clear()  # the aborted request


def test_stop_go_on_and_delete(open_desk: OpenDesk) -> None:
    page = open_desk().page
    upload(page, 900, name="要删的.csv")
    page.locator("#map-start").click()
    page.get_by_role("button", name="停止判断").click()
    expect(page.locator("#job-state")).to_have_text("已取消")
    page.get_by_role("button", name="继续判断").click()
    expect(page.locator("#job-state")).to_have_text(re.compile("排队中|判断中"))
    page.get_by_role("button", name="立即删除").click()
    page.get_by_role("button", name="取消").click()
    expect(page.locator("#job-name")).to_have_text("要删的.csv")
    page.get_by_role("button", name="立即删除").click()
    page.get_by_role("button", name="删除", exact=True).click()
    page.wait_for_url(re.compile(r"/triage\?"))
    expect(page.locator("#jobs-heading")).to_be_visible()
    expect(page.get_by_text("要删的.csv")).to_have_count(0)


def test_keys_rest_while_somebody_types_and_can_be_switched_off(open_desk: OpenDesk) -> None:
    page = open_desk().page
    finished(page, 8)
    page.locator("#f-q").fill("")
    page.keyboard.type("jk1c")
    expect(page.locator("#f-q")).to_have_value("jk1c")
    expect(page.locator("#rows [aria-current]")).to_have_count(0)
    page.locator("#f-clear").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="键盘")).to_be_visible()
    page.keyboard.press("j")
    page.get_by_label("启用单键快捷键").uncheck()
    page.get_by_role("button", name="关闭").click()
    page.keyboard.press("j")
    page.wait_for_timeout(300)
    expect(page.locator("#rows [aria-current]")).to_have_count(0)


def test_label_and_also_are_corrected_by_mouse_with_a_note(open_desk: OpenDesk) -> None:
    page = open_desk().page
    finished(page, 8)
    page.locator("#rows tbody tr").first.click()
    page.get_by_role("radio", name="泄露隐私").check()
    page.get_by_role("checkbox", name="骚扰、辱骂").check()
    expect(page.get_by_role("checkbox", name="泄露隐私")).to_be_disabled()
    page.get_by_label("备注").fill("发给了同事")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".history li")).to_contain_text("泄露隐私 + 骚扰、辱骂")
    expect(page.locator(".history q")).to_have_text("发给了同事")
    expect(page.locator("#rows tbody tr").first).to_contain_text("另有：骚扰辱骂")
    page.locator("#f-reviewed").select_option("true")
    expect(page.locator("#rows-found")).to_have_text("1 条")


def test_a_cluster_and_a_sender_lead_to_their_messages(open_desk: OpenDesk) -> None:
    page = open_desk().page
    finished(page, 80)
    page.locator("#tab-clusters").click()
    first = page.locator("#view-clusters tbody tr").first
    size = first.locator("td.number").inner_text()
    first.get_by_role("button").first.click()
    expect(page.locator("#tab-rows")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#rows-found")).to_have_text(f"{size} 条")
    page.locator("#tab-senders").click()
    page.locator("#view-senders").get_by_role("button", name="10693").click()
    expect(page.locator("#f-sender")).to_have_value("10693")
    expect(page.locator("#rows-found")).to_have_text("12 条")
    page.locator("#tab-summary").click()
    expect(page.locator("#view-summary svg.stacked rect").first).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_desk: OpenDesk, language: str, scheme: str) -> None:
    visit = open_desk(f"/triage?lang={language}", color_scheme=scheme)
    page = visit.page
    assert violations(page) == []
    upload(page, 30)
    assert violations(page) == []
    page.locator("#map-start").click()
    expect(page.locator("#job-state")).to_have_text(re.compile("已完成|Done"), timeout=60_000)
    page.locator("#rows tbody tr").first.click()
    expect(page.locator("#detail-text mark").first).to_be_visible()
    assert violations(page) == []
    for tab in ("clusters", "senders", "summary", "bad"):
        page.locator(f"#tab-{tab}").click()
        expect(page.locator(f"#view-{tab} :is(table, p)").first).to_be_visible()
        assert violations(page) == [], tab
    visit.complaints.clear()  # our policy stops the styles that axe itself would set


def test_nothing_jumps(open_desk: OpenDesk) -> None:
    page = open_desk().page
    finished(page, 120)
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => { for (const entry of list.getEntries())"
        " if (!entry.hadRecentInput) window.shift += entry.value; })"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    page.reload()
    expect(page.locator("#rows tbody tr").first).to_be_visible()
    for _ in range(3):
        page.keyboard.press("j")
        page.wait_for_timeout(700)
    assert page.evaluate("window.shift") < 0.05


def test_on_a_tablet_the_row_opens_over_the_table(open_desk: OpenDesk) -> None:
    page = open_desk(viewport=TABLET).page
    finished(page, 12)
    expect(page.locator("#detail")).to_be_hidden()
    page.locator("#rows tbody tr").nth(2).click()
    expect(page.locator("#detail")).to_be_visible()
    page.get_by_role("button", name="关闭").click()
    expect(page.locator("#detail")).to_be_hidden()
    expect(page.locator("#rows tbody tr").nth(2)).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= TABLET["width"]


def test_no_search_and_no_name_reaches_the_log(
    open_desk: OpenDesk, desk_server: ServerProcess
) -> None:
    page = open_desk().page
    finished(page, 8)
    page.locator("#f-q").fill("机密词")
    page.keyboard.press("Enter")
    expect(page.locator("#rows-none")).to_be_visible()
    log = desk_server.log()
    assert "/v1/triage/jobs/{job_id}/rows 200" in log
    for private in ("机密词", "三月投诉", "1069", "%E6", "门口"):
        assert private not in log


def violations(page: Page) -> list[str]:
    """Return what axe holds to be serious or critical: rule and place."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['target']}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def test_a_job_made_elsewhere_appears_in_the_list(
    open_desk: OpenDesk, desk_server: ServerProcess
) -> None:
    page = open_desk().page
    headers = {"Content-Type": "application/octet-stream", "X-Filename": "api.csv"}
    content = complaints_file(1)
    httpx.post(f"{desk_server.url}{API}", content=content, headers=headers).raise_for_status()
    expect(page.get_by_role("link", name="api.csv")).to_be_visible(timeout=15_000)


def test_rows_do_not_move_under_the_hands_of_a_reviewer(open_desk: OpenDesk) -> None:
    page = open_desk().page
    upload(page, 1200)
    page.locator("#map-start").click()
    expect(page.locator("#rows tbody tr").first).to_be_visible(timeout=30_000)
    page.keyboard.press("j")
    expect(page.locator("#rows [aria-current]")).to_have_count(1)
    number = page.locator("#rows [aria-current]").get_attribute("id")
    expect(page.locator("#job-state")).to_have_text("已完成", timeout=60_000)
    assert page.locator("#rows [aria-current]").get_attribute("id") == number
    page.get_by_role("button", name="有新结果").click()
    expect(page.locator("#rows-found")).to_have_text("1,201 条")
