"""One visit with a browser."""

from __future__ import annotations

from playwright.sync_api import Page, Request

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


class Visit:
    """A page with everything that it asked for and complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._on_request)
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)
