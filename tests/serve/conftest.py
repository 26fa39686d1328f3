"""A client of the application with the fake classifier, ready to answer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeClassifier
from fastapi.testclient import TestClient
from waiting import MakeClient, wait_until

from serve.app import create_app
from serve.settings import Settings


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.upper().startswith("DUNLENS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DUNLENS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DUNLENS_ALLOWED_HOSTS", "testserver")  # what TestClient calls it


@pytest.fixture
def make_client() -> Iterator[MakeClient]:
    """Return a function that starts the application with a classifier and settings."""
    with ExitStack() as stack:

        def make(classifier: Any = None, *, ready: bool = True, **settings: Any) -> TestClient:
            app = create_app(Settings(**settings), classifier or FakeClassifier())
            client = stack.enter_context(TestClient(app))
            if ready:
                wait_until(lambda: client.get("/readyz").status_code == 200)
            return client

        yield make


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    """Return a client with default settings."""
    return make_client()
