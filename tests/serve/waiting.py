"""Helpers of the tests of the application."""

from __future__ import annotations

import time
from collections.abc import Callable

from fastapi.testclient import TestClient

MakeClient = Callable[..., TestClient]


def wait_until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Wait for a condition; fail the test where it does not come true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)
