"""The real recogniser: its models are in the package, and it never asks the network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import serve.ocr.available as available
from serve.ocr.worker import load_engine
from serve.problems import ProblemError

ROOT = Path(__file__).parents[3]

OFFLINE = """
import socket

def refuse(*_, **__):
    raise AssertionError("asked the network")

socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
import requests
requests.Session.request = refuse
import numpy as np
from serve.ocr.worker import load_engine
engine = load_engine(1)
assert engine.lines(np.full((200, 300, 3), 255, np.uint8)) == []
print("read")
"""
LIGHT = """
import json, sys
import serve.app, serve.cli
serve.app.create_app()
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""


def _python(code: str, tmp_path: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "DUNLENS_DATA_DIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_recogniser_asks_nobody_for_models(tmp_path: Path) -> None:
    assert _python(OFFLINE, tmp_path).split() == ["read"], "and it prints nothing of its own"


def test_the_service_starts_without_any_of_the_extra(tmp_path: Path) -> None:
    loaded = json.loads(_python(LIGHT, tmp_path))
    assert not {"rapidocr", "cv2", "shapely", "omegaconf"} & set(loaded)


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(available, "MODULES", ("no_such_package",))
    with pytest.raises(ProblemError) as caught:
        load_engine()
    assert (caught.value.code, caught.value.status_code) == ("ocr_missing", 501)
