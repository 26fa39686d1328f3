"""Screens as PNG pictures from a real Chromium, with the true box of every bubble."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import jinja2
from playwright.sync_api import Browser, sync_playwright

from serve.ocr.measure.screens import Screen

# CSS pixels wide and high, device pixels each: common telephones
SIZES: Final = {"wechat": (393, 740, 2.75), "ios": (375, 667, 2), "android": (360, 640, 3)}
FLAGS: Final = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
BOXES: Final = """() => [...document.querySelectorAll(".bubble")].map(bubble => {
  const b = bubble.getBoundingClientRect();
  return [b.left, b.top, b.right, b.bottom];
})"""
TEMPLATE: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
).get_template("screen.html")


@dataclass(frozen=True)
class Picture:
    """A rendered screen: PNG bytes and each bubble's (left, top, right, bottom) in its pixels."""

    screen: Screen
    png: bytes
    boxes: tuple[tuple[float, ...], ...]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium from CHROMIUM or the path; raise RuntimeError where there is none."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        raise RuntimeError("no Chromium found; install it or name it in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def render(browser: Browser, screens: Sequence[Screen]) -> Iterator[Picture]:
    """Yield the pictures, whole pages: a long conversation gives a long screenshot."""
    for screen in screens:
        width, height, scale = SIZES[screen.style]
        context = browser.new_context(
            viewport={"width": width, "height": height},  # type: ignore[arg-type]
            device_scale_factor=scale,
            java_script_enabled=True,
        )
        page = context.new_page()
        page.set_content(TEMPLATE.render(screen=screen))
        boxes = tuple(tuple(scale * x for x in box) for box in page.evaluate(BOXES))
        yield Picture(screen, page.screenshot(full_page=True), boxes)
        context.close()
