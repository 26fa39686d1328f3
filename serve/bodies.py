"""Reading a request's body within its bounds: type, size, time and memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final
from urllib.parse import parse_qs

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from serve.problems import ProblemError

MAX_FIELDS: Final = 20
"""Fields of one form."""


class ByteBudget:
    """Counts the bytes of request bodies in memory. Used on the event loop only, so no lock."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0

    def take(self, count: int) -> None:
        """Raise ProblemError (503) where `count` more bytes would pass the limit."""
        if self.used + count > self.limit:
            raise ProblemError("busy", field="max_buffered_bytes", limit=self.limit, retry_after=1)
        self.used += count

    def give(self, count: int) -> None:
        self.used -= count


class BoundedRequest(Request):
    """A request whose body is read within a size, a time and the memory budget of the app.

    `body()` raises ProblemError: 413 too large, 408 too slow, 503 no memory left for bodies.
    """

    taken = 0

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            seconds = self.app.state.settings.body_timeout_s
            try:
                async with asyncio.timeout(seconds):
                    self._body = await self._read()
            except TimeoutError:
                raise ProblemError("body_timeout", field="body", limit=seconds) from None
            except ClientDisconnect:  # nobody is left to read the answer
                raise ProblemError("invalid_json", field="body") from None
        return self._body

    async def _read(self) -> bytes:
        limit = self.app.state.settings.max_body_bytes
        declared = self.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise ProblemError("body_too_large", field="body", limit=limit)
        chunks: list[bytes] = []
        async for chunk in self.stream():
            self.app.state.body_budget.take(len(chunk))
            self.taken += len(chunk)
            if self.taken > limit:
                raise ProblemError("body_too_large", field="body", limit=limit)
            chunks.append(chunk)
        return b"".join(chunks)

    def release(self) -> None:
        """Give the body's bytes back to the budget."""
        self.app.state.body_budget.give(self.taken)
        self.taken = 0


class BoundedRoute(APIRoute):
    """A route that checks the content type, then reads the body through BoundedRequest."""

    content_type = "application/json"

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            if request.method == "POST":
                self.check(request)
            bounded_request = BoundedRequest(request.scope, request.receive)
            try:
                return await handler(bounded_request)
            finally:
                bounded_request.release()

        return bounded

    def check(self, request: Request) -> None:
        """Raise ProblemError (415) where the body is declared as something that is not taken."""
        check_content_type(request, self.content_type)


class BoundedFormRoute(BoundedRoute):
    """The same for an HTML form."""

    content_type = "application/x-www-form-urlencoded"


def media_type(request: Request) -> str:
    """Return what the body is declared as, without parameters, "" where nothing is declared."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def check_content_type(request: Request, expected: str) -> None:
    """Raise ProblemError (415) unless the body is declared as `expected`, in UTF-8."""
    media, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if media.strip().lower() != expected or charset not in ("", "utf-8", "utf8"):
        raise ProblemError("unsupported_media_type", field="Content-Type", limit=expected)


def form_fields(body: bytes, field: str = "body") -> dict[str, str]:
    """Return the fields of an HTML form, with the line ends that a browser changed restored.

    Raises ProblemError (422), under the name `field`, where it cannot be read.
    """
    try:
        found = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:  # not ASCII, or too many fields
        raise ProblemError("invalid", field=field) from None
    return {name: values[0].replace("\r\n", "\n") for name, values in found.items()}
