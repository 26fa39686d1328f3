"""A real headless Chromium against a real server process with the fake classifier."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from visit import DESKTOP, PHONE, Visit

sys.path.insert(0, str(Path(__file__).parent.parent / "serve"))
from fake_server import ServerProcess, running_server

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
INSTALL = "no Chromium found; install it (apt-get install -y chromium) or name it in CHROMIUM"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("server")) as process:
        yield process


@pytest.fixture(scope="module")  # its event loop must be gone before other folders' tests
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        pytest.fail(INSTALL, pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=["desktop", "phone"])
def size(request: pytest.FixtureRequest) -> dict[str, int]:
    return DESKTOP if request.param == "desktop" else PHONE


@pytest.fixture(params=[True, False], ids=["js", "no-js"])
def visit(
    browser: Browser,
    server: ServerProcess,
    size: dict[str, int],
    request: pytest.FixtureRequest,
) -> Iterator[Visit]:
    """Return an empty tab at the server's address, with and without JavaScript, in both sizes."""
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        java_script_enabled=request.param,
        base_url=server.url,
        locale="zh-CN",
        has_touch=size is PHONE,
    )
    context.set_default_timeout(10_000)
    visit = Visit(context.new_page())
    yield visit
    shots = os.environ.get("DUNLENS_SCREENSHOTS")
    if shots:
        name = request.node.name.replace("/", "_")
        visit.page.screenshot(path=f"{shots}/{name}.png", full_page=True)
    context.close()
    assert visit.complaints == []
    assert [url for url in visit.requests if not url.startswith((server.url, "data:"))] == []
