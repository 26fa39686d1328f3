"""A real screenshot, rendered by Chromium, read by the real recogniser through the real server."""

from __future__ import annotations

import httpx
import pytest
from fake_server import ServerProcess
from playwright.sync_api import Browser, expect
from visit import Visit

from serve.ocr.measure.render import Picture, render
from serve.ocr.measure.screens import Bubble, Screen

CAME_IN = (
    "【某某消费金融】您的借款已逾期3天，应还1200.00元，请尽快还款，如有困难请致电客服。",
    "再不还就在门口等你，我会告诉你的同事",
)
SENT = "我月底发工资就还，请不要再给我家里人打电话了"


@pytest.fixture(scope="module")
def picture(browser: Browser) -> Picture:
    bubbles = (
        Bubble(CAME_IN[0], "left", "昨天 14:32"),
        Bubble(SENT, "right"),
        Bubble(CAME_IN[1], "left"),
    )
    return next(render(browser, [Screen("wechat", bubbles, "刘姐", "08:15", 64)]))


def test_through_the_api(server: ServerProcess, picture: Picture) -> None:
    response = httpx.post(
        f"{server.url}/v1/screenshot",
        content=picture.png,
        headers={"content-type": "image/png"},
        timeout=120,
    )
    assert response.status_code == 200, response.text
    blocks = response.json()["blocks"]
    messages = [(x["side"], x["text"].replace(",", "，")) for x in blocks if x["kind"] == "message"]
    assert messages == [("left", CAME_IN[0]), ("right", SENT), ("left", CAME_IN[1])]
    assert [x["text"] for x in blocks if x["kind"] == "time"] == ["昨天14:32"]
    labels = [x["verdict"] and x["verdict"]["label"] for x in blocks if x["kind"] == "message"]
    assert labels == ["lawful_reminder", None, "threat_extortion"]
    first = next(x for x in blocks if x["kind"] == "message")["box"]
    left, top, right, bottom = picture.boxes[0]
    assert left <= first[0] < first[2] <= right
    assert top <= first[1] < first[3] <= bottom
    assert "门口" not in server.log()


def test_through_the_page(visit: Visit, picture: Picture) -> None:
    page = visit.page
    page.set_default_timeout(60_000)
    page.goto("/")
    shot = {"name": "shot.png", "mimeType": "image/png", "buffer": picture.png}
    page.get_by_label("或者识别一张截图").set_input_files(shot)
    page.get_by_role("button", name="识别文字").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("请核对识别出的文字", timeout=60_000)
    box = page.get_by_label("催收信息")
    expect(box).to_have_value("\n".join(CAME_IN))
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]  # type: ignore[index]
    box.fill(CAME_IN[1])
    page.get_by_role("button", name="判断类别").click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("威胁、恐吓、敲诈勒索")
