"""``POST /v1/screenshot`` and the page, with readers whose answers are known."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pictures import GREEN, WHITE, FixedReader, blank, chat, encoded, line
from PIL import Image
from waiting import wait_until

import serve.routes.screenshot as routes
from serve.ocr.limits import MAX_IMAGE_BYTES
from serve.ocr.worker import ScreenshotWorker

PNG = {"content-type": "image/png"}
FORM = {"content-type": "multipart/form-data; boundary=x"}
TEXT = "再不还就在门口等你，告诉你同事"
LINES = [
    line("昨天 14:32", 300, 240, 120),
    line("再不还就在门口等你，", 130, 320, 350),
    line("告诉你同事", 130, 360, 150),
    line("我会还款的", 330, 528, 200),
]
PICTURE = encoded(
    Image.fromarray(chat([((110, 300, 500, 420), WHITE), ((300, 500, 610, 580), GREEN)]))
)


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def use(client: TestClient, reader: FixedReader, **bounds: Any) -> ScreenshotWorker:
    """Put a reader in the place of the recogniser."""
    state = client.app.state  # type: ignore[attr-defined]
    state.screenshots.close()
    state.screenshots = ScreenshotWorker(lambda: reader, **({"timeout_s": 20} | bounds))
    return state.screenshots


@pytest.fixture
def reading_client(client: TestClient) -> TestClient:
    use(client, FixedReader(LINES))
    return client


def error_of(response: Any) -> tuple[int, str, str | None, Any]:
    error = response.json()["error"]
    return response.status_code, error["code"], error["field"], error["limit"]


def test_blocks_in_reading_order_with_verdicts_of_what_came_in(reading_client: TestClient) -> None:
    response = reading_client.post("/v1/screenshot", content=PICTURE, headers=PNG)
    assert response.status_code == 200
    body = response.json()
    assert (body["model"], body["width"], body["height"]) == ("fake-1", 720, 1200)
    kinds = [(block["kind"], block["side"], block["text"]) for block in body["blocks"]]
    assert kinds == [
        ("time", "unknown", "昨天 14:32"),
        ("message", "left", TEXT),
        ("message", "right", "我会还款的"),
    ]
    time_block, came_in, sent = body["blocks"]
    assert came_in["box"] == [130, 320, 480, 384]
    assert came_in["confidence"] == 0.99
    verdict = came_in["verdict"]
    assert (verdict["label"], verdict["also"]) == ("threat_extortion", ["privacy_disclosure"])
    assert time_block["verdict"] is None
    assert sent["verdict"] is None


@pytest.mark.parametrize("order", ["first", "last"])
def test_the_field_of_a_form(reading_client: TestClient, order: str) -> None:
    files = [("image", ("a.png", PICTURE, "image/png")), ("note", ("b.txt", b"x", "text/plain"))]
    response = reading_client.post(
        "/v1/screenshot", files=files if order == "first" else files[::-1]
    )
    assert response.status_code == 200
    assert len(response.json()["blocks"]) == 3


@pytest.mark.parametrize(
    ("content", "headers", "expected"),
    [
        (b"", PNG, (422, "missing_field", "image", None)),
        (b"GIF89a" + bytes(99), PNG, (415, "image_type", "image", "PNG, JPEG, WebP")),
        (blank()[:200], PNG, (422, "image_broken", "image", None)),
        (bytes(MAX_IMAGE_BYTES + 1), PNG, (413, "image_too_large", "image", MAX_IMAGE_BYTES)),
        (b"--x\r\nnonsense", FORM, (422, "invalid", "body", None)),
        (b"abc", {"content-type": "multipart/form-data"}, (422, "invalid", "body", None)),
    ],
)  # fmt: skip
def test_refusals_name_field_and_limit(
    reading_client: TestClient, content: bytes, headers: dict[str, str], expected: Any
) -> None:
    response = reading_client.post("/v1/screenshot", content=content, headers=headers)
    assert error_of(response) == expected


def test_a_form_without_the_field_or_cut_short(reading_client: TestClient) -> None:
    other = reading_client.post("/v1/screenshot", files={"photo": ("a.png", PICTURE)})
    assert error_of(other)[:3] == (422, "missing_field", "image")
    start = b'--x\r\nContent-Disposition: form-data; name="image"\r\n\r\n'
    cut = reading_client.post("/v1/screenshot", content=start + PICTURE, headers=FORM)
    assert error_of(cut)[:3] == (422, "invalid", "body")
    many = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' for _ in range(50)
    )
    response = reading_client.post("/v1/screenshot", content=many + b"--x--\r\n", headers=FORM)
    assert error_of(response)[:3] == (422, "invalid", "body")


@pytest.mark.parametrize("media", ["application/json", "text/plain", ""])
def test_other_bodies_are_refused(reading_client: TestClient, media: str) -> None:
    response = reading_client.post(
        "/v1/screenshot", content=PICTURE, headers={"content-type": media}
    )
    assert error_of(response)[:3] == (415, "image_type", "Content-Type")


def test_heic_declared_as_such_is_told_what_to_do(reading_client: TestClient) -> None:
    heic = b"\x00\x00\x00\x18ftypheic" + bytes(99)
    response = reading_client.post(
        "/v1/screenshot", content=heic, headers={"content-type": "image/heic"}
    )
    assert error_of(response)[:2] == (415, "image_heic")


def test_without_the_extra_the_answer_says_what_to_install(
    reading_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "available", lambda: False)
    response = reading_client.post("/v1/screenshot", content=PICTURE, headers=PNG)
    assert error_of(response)[:2] == (501, "ocr_missing")
    assert "dunlens[ocr]" in response.json()["error"]["message_zh"]
    page = reading_client.post("/screenshot", files={"image": ("a.png", PICTURE)})
    assert page.status_code == 501
    assert "dunlens[ocr]" in page.text


def test_health_answers_and_the_queue_is_bounded(client: TestClient, gate: threading.Event) -> None:
    worker = use(client, FixedReader(LINES, gate), queue_size=2)
    with ThreadPoolExecutor(2) as pool:
        waiting = [
            pool.submit(client.post, "/v1/screenshot", content=PICTURE, headers=PNG)
            for _ in range(2)
        ]
        wait_until(lambda: worker._pending == 2)
        assert client.get("/healthz").status_code == 200
        assert client.post("/v1/classify", json={"texts": ["还款"]}).status_code == 200
        full = client.post("/v1/screenshot", content=PICTURE, headers=PNG)
        assert error_of(full) == (503, "busy", "screenshots", 2)
        assert full.headers["retry-after"] == "5"
        gate.set()
        assert [f.result().status_code for f in waiting] == [200, 200]


def test_a_deadline_answers_and_the_rest_of_the_picture_is_not_read(
    client: TestClient, gate: threading.Event
) -> None:
    reader = FixedReader(LINES, gate)
    worker = use(client, reader, timeout_s=0.2)
    long = blank(720, 12_000)
    late = client.post("/v1/screenshot", content=long, headers=PNG)
    assert error_of(late) == (503, "deadline", None, 0.2)
    gate.set()
    wait_until(lambda: worker._pending == 0)
    assert reader.tiles <= 1, "none where decoding alone took too long"


def test_a_failing_recogniser_is_an_internal_error_without_its_words(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    use(client, FixedReader(error=RuntimeError("再不还就在门口等你")))
    with caplog.at_level(logging.DEBUG):
        response = client.post("/v1/screenshot", content=PICTURE, headers=PNG)
    assert error_of(response)[:2] == (500, "internal")
    assert "RuntimeError" in caplog.text
    assert "门口" not in caplog.text


def test_nothing_is_written_and_no_text_is_logged(
    reading_client: TestClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    temporary = Path(os.environ.get("TMPDIR", "/tmp"))
    before = {path.name for path in temporary.iterdir()}, sorted(tmp_path.rglob("*"))
    started = time.time()
    big = Image.effect_noise((1400, 1400), 90).convert("RGB")  # too large for a spool in memory
    with caplog.at_level(logging.DEBUG):
        response = reading_client.post("/v1/screenshot", files={"image": ("a.png", encoded(big))})
        assert response.status_code == 200
        reading_client.post("/screenshot", files={"image": ("a.png", PICTURE)})
    assert sorted(tmp_path.rglob("*")) == before[1]
    new = {path for path in temporary.iterdir() if path.name not in before[0]}
    mine = [path for path in new if path.is_file() and path.stat().st_mtime >= started]
    assert [path for path in mine if path.stat().st_size > 100_000] == []
    assert "门口" not in caplog.text
    assert client_budget(reading_client) == 0


def client_budget(client: TestClient) -> int:
    return int(client.app.state.body_budget.used)  # type: ignore[attr-defined]


def test_the_page_shows_the_text_for_checking(reading_client: TestClient) -> None:
    page = reading_client.post("/screenshot", files={"image": ("a.png", PICTURE)})
    assert page.status_code == 200
    assert f">\n{TEXT}</textarea>" in page.text
    assert 'action="/?lang=zh#result"' in page.text
    assert "请核对识别出的文字" in page.text
    assert "图片没有保存" in page.text
    assert "我会还款的" in page.text, "what was sent is shown, outside the box"
    english = reading_client.post("/screenshot?lang=en", files={"image": ("a.png", PICTURE)})
    assert "Please check the text" in english.text


def test_the_page_marks_what_may_be_wrong_and_escapes(client: TestClient) -> None:
    unsure = [line("<script>还款</script>", 130, 320, 350)]
    use(client, FixedReader([type(unsure[0])(unsure[0].text, unsure[0].box, 0.7)]))
    page = client.post("/screenshot", files={"image": ("a.png", PICTURE)}).text
    assert "可能有错字" in page
    assert "<script>还款" not in page


def test_the_page_says_what_is_wrong(client: TestClient) -> None:
    use(client, FixedReader())
    nothing = client.post("/screenshot", files={"image": ("a.png", PICTURE)})
    assert nothing.status_code == 422
    assert "没有找到消息文字" in nothing.text
    heic = client.post("/screenshot", files={"image": ("a", b"\0\0\0\x18ftypheic" + bytes(40))})
    assert heic.status_code == 415
    assert "HEIC" in heic.text
    assert "图片 不支持" in heic.text


def test_the_form_is_on_the_page_only_with_the_extra(
    reading_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 'enctype="multipart/form-data"' in reading_client.get("/").text
    monkeypatch.setitem(routes.templates.globals, "screenshots_readable", False)
    assert 'enctype="multipart/form-data"' not in reading_client.get("/").text
