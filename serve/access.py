"""Who may do what: keys with roles on every address but this machine's own.

On a loopback address nobody needs a key. A reverse proxy on this machine makes every visitor look
local: bind another address, with keys, or let the proxy ask for a password.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serve.problems import ProblemError, respond
from serve.ratelimit import RateLimit, network_of
from serve.settings import Settings, is_loopback
from serve.triage.clock import no_earlier
from serve.triage.keys import ROLES, Key, Role
from serve.triage.store import Store

COOKIE: Final = "dunlens_key"
"""Where a browser keeps its token; it must have path `/`, HttpOnly and SameSite=Strict."""
KEY_PAGE: Final = "/triage/key"
"""The page that asks for a key and sets the cookie."""

REMEMBER_S: Final = 600
REMEMBERED: Final = 1024
CHECKS_AT_ONCE: Final = 2
"""Each takes 16 MiB and a processor for some 50 ms."""

HEALTH: Final = frozenset({"/healthz", "/readyz"})
"""Asked by what watches over the service, which no limit may blind."""
OPEN: Final = HEALTH | {KEY_PAGE}
OPEN_PREFIX: Final = "/static/"
# The first that fits decides; what none fits is for admins, so that a new route is never open.
RULES: Final[tuple[tuple[str, tuple[Role, ...]], ...]] = (
    ("/v1/triage/", ("triage", "review")),
    ("/triage", ("triage", "review")),
    ("/v1/", ("classify",)),
    ("/report", ("classify",)),
    ("/screenshot", ("classify",)),
    ("/docs", ROLES),
    ("/openapi.json", ROLES),
)


@dataclass(frozen=True)
class Caller:
    """Who sent a request. name: of the key, else `local`; key_id: None without a key."""

    key_id: str | None
    name: str
    roles: tuple[Role, ...]

    def may(self, *roles: Role) -> bool:
        """Return whether one of the roles, or `admin`, is held."""
        return "admin" in self.roles or not set(roles).isdisjoint(self.roles)


LOCAL: Final = Caller(None, "local", ROLES)


def caller_of(request: Request) -> Caller | None:
    """Return who asks; None on a page that is open to all."""
    found = getattr(request.state, "caller", None)
    return found if isinstance(found, Caller) else None


def require(*roles: Role) -> Callable[[Request], Caller]:
    """Return a dependency that lets only callers with one of the roles (or `admin`) pass."""

    def check(request: Request) -> Caller:
        found = caller_of(request)
        if found is None:
            raise ProblemError("key_needed", headers={"WWW-Authenticate": "Bearer"})
        if not found.may(*roles):
            raise ProblemError("role_missing", field="Authorization", limit=" | ".join(roles))
        return found

    return check


class Tokens:
    """Finds the keys of tokens. Used on the event loop only, so no lock."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, tuple[str, float]] = OrderedDict()
        self._checks = asyncio.Semaphore(CHECKS_AT_ONCE)

    async def key(self, store: Store, token: str) -> Key | None:
        """Return the valid key of a token. The slow hash is computed once in a while only, but
        whether the key still holds is looked up every time."""
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        key_id, until = self._known.get(digest, ("", 0.0))
        if time.monotonic() < until:
            key = await asyncio.to_thread(store.key, key_id)
            return key if key is not None and key.valid(no_earlier()) else None
        async with self._checks:
            key = await asyncio.to_thread(store.check_token, token)
        if key is not None:
            self._known[digest] = (key.id, time.monotonic() + REMEMBER_S)
            self._known.move_to_end(digest)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return key


class Access:
    """ASGI middleware: finds out who asks before anything of the request's body is read."""

    def __init__(self, app: ASGIApp, tokens: Tokens, rates: tuple[int, int] = (0, 0)) -> None:
        """rates: requests a minute of one key and of one address; 0 is no limit."""
        self.app, self._tokens = app, tokens
        self._key_rate = RateLimit("key_rate", rates[0])
        self._address_rate = RateLimit("address_rate", rates[1])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        try:
            caller = await self._admit(request)
        except ProblemError as problem:
            await _refusal(problem, request)(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        await self.app(scope, receive, send)

    async def _admit(self, request: Request) -> Caller | None:
        """Return who asks; None on an open path. Raises ProblemError (401, 403, 421, 429)."""
        settings: Settings = request.app.state.settings
        if settings.local_only:
            check_local(request, settings)
        path = request.scope["path"]
        if path not in HEALTH:  # before any key is hashed
            self._address_rate.take(network_of(request.client.host if request.client else ""))
        if path in OPEN or path.startswith(OPEN_PREFIX):
            return None
        token = token_of(request)
        key = await self._tokens.key(request.app.state.desk.store, token) if token else None
        if key is None and settings.local_only:
            return LOCAL
        if key is None:
            code = "key_refused" if token else "key_needed"
            raise ProblemError(code, field="Authorization", headers={"WWW-Authenticate": "Bearer"})
        self._key_rate.take(key.id)
        caller = Caller(key.id, key.name, key.roles)
        roles = roles_for(path)
        if not caller.may(*roles):
            raise ProblemError("role_missing", field="Authorization", limit=" | ".join(roles))
        return caller


def roles_for(path: str) -> tuple[Role, ...]:
    """Return the roles of which a caller must hold one to reach a path."""
    if path == "/":
        return ("classify",)
    return next((roles for prefix, roles in RULES if path.startswith(prefix)), ("admin",))


def token_of(request: Request) -> str | None:
    """Return the token that a request carries, of a program or of a browser."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return request.cookies.get(COOKIE)


def check_local(request: Request, settings: Settings) -> None:
    """Refuse requests that a web page elsewhere sends to this machine through the browser.

    Without keys only these two checks stand between any site and the texts: a name that was made
    to point here (DNS rebinding), and a form or script of another site.
    """
    host = request.headers.get("host", "")
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    if not is_loopback(name) and name.lower() not in settings.allowed_hosts:
        raise ProblemError("host_refused", field="Host", limit="DUNLENS_ALLOWED_HOSTS")
    site = request.headers.get("sec-fetch-site", "none")
    if request.method not in ("GET", "HEAD") and site not in ("none", "same-origin"):
        raise ProblemError("foreign_site", field="Sec-Fetch-Site", limit="same-origin")


def _refusal(problem: ProblemError, request: Request) -> Response:
    """Return the page that asks for a key where a browser shows a page, else our JSON."""
    wants_page = "text/html" in request.headers.get("accept", "") and request.method == "GET"
    if problem.status_code == 401 and wants_page:
        return RedirectResponse(KEY_PAGE, 303)
    return respond(problem, request)
