"""Running the application under uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from types import FrameType
from typing import Any, Final

import uvicorn
from pydantic import ValidationError

from serve.app import configure_logging, create_app
from serve.classifier import TextClassifier
from serve.settings import Settings
from serve.triage.database import DatabaseError
from serve.triage.store import Store, open_store

log = logging.getLogger("dunlens")

FAILED = 1
"""Exit code where the model did not load or the address is taken."""
UNREAD_S: Final = 0.25
"""How long a stop waits for requests on connections that are open but have asked nothing yet."""


class SettingsError(ValueError):
    """The settings are wrong; the message names each and its bound."""


class Server(uvicorn.Server):
    """uvicorn, which waits for streams of events to end and so must tell them to."""

    def __init__(self, config: uvicorn.Config, closing: threading.Event) -> None:
        super().__init__(config)
        self.closing = closing

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.closing.set()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, read what was sent before that was known, and let uvicorn drain.

        uvicorn alone closes a connection whose request it has not read yet: the client sees a reset
        and cannot tell whether its text was taken.
        """
        for server in self.servers:
            server.close()
        await asyncio.sleep(UNREAD_S)
        await super().shutdown(sockets)


def load_settings(**given: Any) -> Settings:
    """Return the settings, with the arguments that are not None before the environment's.

    Raises SettingsError.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        lines = []
        for problem in error.errors(include_input=False, include_url=False):
            name = "_".join(map(str, problem["loc"])).upper()
            message = problem["msg"].removeprefix("Value error, ")
            lines.append(f"DUNLENS_{name}: {message}" if name else message)
        raise SettingsError("\n".join(lines)) from None


def run(settings: Settings, classifier: TextClassifier | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C, finish the requests under way, return the exit code.

    classifier: used instead of the model that the settings name.
    Raises SettingsError where the database cannot be used, or others could reach the address and
    there is no access key.
    """
    configure_logging()
    store = _open_store(settings)
    failed = False

    def stop() -> None:
        nonlocal failed
        failed = True
        server.closing.set()
        server.should_exit = True

    app = create_app(settings, classifier, on_model_failure=stop, store=store)
    server = Server(server_config(app, settings), app.state.closing)
    address = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{address}:{settings.port}"
    log.info("启动 starting: %s/ · API %s/docs · Ctrl-C 停止 stops", url, url)
    try:
        with contextlib.suppress(KeyboardInterrupt):  # uvicorn has drained by then
            server.run()
    except SystemExit:  # uvicorn has said why it could not start
        log.error("未能启动 not started: 端口被占用时请换 --port (another --port, if it is taken)")
        return FAILED
    return FAILED if failed else 0


def _open_store(settings: Settings) -> Store:
    """Open the database; raise SettingsError where it cannot be used or lacks a key it needs."""
    try:
        store = open_store(settings)
    except DatabaseError as error:
        raise SettingsError(f"DUNLENS_DATABASE_URL: {error}") from None
    except OSError as error:
        raise SettingsError(f"DUNLENS_DATA_DIR: {error.filename}: {error.strerror}") from None
    if not settings.local_only and not store.has_valid_key():
        store.close()
        raise SettingsError(
            f"DUNLENS_HOST: 拒绝监听 {settings.host}：其他机器可以访问，而还没有有效的访问密钥。"
            "请先运行 dunlens keys create。"
            f"(Refusing to bind {settings.host}: other machines could reach it and there is no "
            "valid access key. First run: dunlens keys create)"
        )
    return store


def server_config(app: Any, settings: Settings) -> uvicorn.Config:
    """Return uvicorn's configuration: our log only, and a bounded wait for the last requests."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,  # it would log queries; ours names routes only
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=int(settings.timeout_s) + 5,
        ws="none",
    )
