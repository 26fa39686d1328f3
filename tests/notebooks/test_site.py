"""The documentation builds strictly, in two languages, and asks no other server for anything."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import sync_playwright

from data.labels import CLASSES, LABEL_EN, LABEL_ZH
from model.law import Book

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "notebooks" / "docs"
FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
NOT_FETCHED = {"canonical", "next", "prev", "alternate"}  # rel of links that a browser only notes


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs` does; with --quiet it would not count its warnings."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict",
         "--config-file", str(SOURCES / "mkdocs.yml"), "--site-dir", str(folder)],
        cwd=ROOT, capture_output=True, text=True, timeout=500, check=False,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of this machine; give its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Addresses(HTMLParser):
    """Gathers what a browser would load on its own to show a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "link" and given.get("rel") in NOT_FETCHED:
            return
        if tag in FETCHED and (address := given.get(FETCHED[tag])):
            self.found.append(address)


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        gathered = Addresses()
        gathered.feed(read(page))
        assert gathered.found
        elsewhere = [one for one in gathered.found if re.match(r"(?:https?:)?//", one)]
        assert not elsewhere, f"{page.relative_to(site)}: {elsewhere}"
        # diagrams and repository statistics are what the theme's script fetches by itself
        assert "mermaid" not in read(page)
        assert 'data-md-component="source"' not in read(page)
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(\s*['\"]?(?:https?:)?//|@import", read(style)), style


def test_a_browser_asks_no_other_server(site: Path) -> None:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert path, (
        "no Chromium found; install it (apt-get install -y chromium) or name it in CHROMIUM"
    )
    with serving(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for name in ("zh/victim.html", "reference/api.html", "index.html"):
            page.goto(f"{address}/{name}")
        page.locator(".md-search__input").focus()
        page.wait_for_load_state("networkidle")
        browser.close()
    assert any("search_index" in url for url in asked)  # its scripts do run
    assert not [url for url in asked if not url.startswith((address, "data:", "blob:"))]


def test_search_finds_chinese_words(site: Path) -> None:
    index = json.loads(read(site / "search" / "search_index.json"))
    # words are told apart by a character without width
    words = {word for entry in index["docs"] for word in re.split("[\\s\u200b]+", entry["text"])}
    assert {"密钥", "骚扰", "复核"} <= words


def test_user_pages_stand_in_both_languages(site: Path) -> None:
    zh, en = ({page.name for page in (site / name).glob("*.html")} for name in ("zh", "en"))
    assert zh == en
    assert {"victim.html", "police.html", "researcher.html"} <= zh


def test_labels_and_law_come_from_the_book(site: Path) -> None:
    book = Book.load()
    for language, names in (("zh", LABEL_ZH), ("en", LABEL_EN)):
        labels, law = (read(site / language / f"{name}.html") for name in ("labels", "law"))
        for name in CLASSES:
            assert names[name] in labels
        for provision in book.provisions:
            assert f">{provision}<" in law
        for channel in book.channels.values():
            assert getattr(channel.name, language) in law


def test_no_placeholder_is_left(site: Path) -> None:
    for page in site.rglob("*.html"):
        if page.parent.name in ("zh", "en"):
            assert not re.search(r"\{\{\w+\}\}", read(page)), page


def test_reference_covers_commands_routes_and_settings(site: Path) -> None:
    from serve.cli import app
    from serve.settings import Settings

    cli, api, settings = (
        read(site / "reference" / f"{n}.html") for n in ("cli", "api", "settings")
    )
    for command in app.registered_commands:
        name = command.name or getattr(command.callback, "__name__", "")
        assert f">dunlens {name}<" in cli.replace("&para;", "")
    assert "POST /v1/classify" in api
    for name in Settings.model_fields:
        assert f"DUNLENS_{name.upper()}" in settings
    assert "Return the four 0/1 targets" in read(site / "reference" / "data.html")


def test_a_broken_link_would_stop_the_build(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "index.md").write_text("[there](missing.md)\n")
    config = read(SOURCES / "mkdocs.yml")
    assert "strict: true" in config
    validation = config[config.index("validation:") : config.index("nav:\n  - 首页")]
    (tmp_path / "mkdocs.yml").write_text(
        f"site_name: test\ndocs_dir: pages\nstrict: true\ntheme: {{name: mkdocs}}\n{validation}"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--config-file",
         str(tmp_path / "mkdocs.yml"), "--site-dir", str(tmp_path / "out")],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "missing.md" in done.stderr
