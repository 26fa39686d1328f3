"""A real PostgreSQL server in a temporary folder, run as a user who is not root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "postgres"


def find_tools() -> Path:
    """Return the folder of pg_ctl and initdb; fail where PostgreSQL is not installed."""
    folders = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    if found := shutil.which("initdb"):
        folders.append(Path(found).resolve().parent)
    for folder in folders:
        if (folder / "pg_ctl").exists() and (folder / "initdb").exists():
            return folder
    raise AssertionError("PostgreSQL is not installed: apt-get install -y postgresql")


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server on a Unix socket and yield its URL without a database; stop it at the end."""
    tools = find_tools()
    with tempfile.TemporaryDirectory(prefix="dunlens-pg-") as name:
        folder = Path(name)
        as_user = _as_user(folder)
        data = folder / "data"
        _run([*as_user, str(tools / "initdb"), "-D", str(data), "-A", "trust", "-U", USER, "-N"])
        _start(folder)
        try:
            yield f"postgresql://{USER}@/{{database}}?host={folder}"
        finally:
            _stop(folder)


@contextmanager
def stopped(url: str) -> Iterator[None]:
    """Have the server of a URL crash, and be started again at the end."""
    folder = Path(url.rpartition("host=")[2])
    _stop(folder)
    try:
        yield
    finally:
        _start(folder)


def _start(folder: Path) -> None:
    # fsync off: the machine does not lose power during a test
    options = f"-c listen_addresses='' -k {folder} -c fsync=off"
    _run([*_control(folder), "-o", options, "-l", str(folder / "log"), "start"])


def _stop(folder: Path) -> None:
    _run([*_control(folder), "-m", "immediate", "stop"])


def _control(folder: Path) -> list[str]:
    return [*_as_user(folder), str(find_tools() / "pg_ctl"), "-D", str(folder / "data"), "-w"]


def _as_user(folder: Path) -> list[str]:
    """Return what to put before a command, as PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam(USER)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["runuser", "-u", USER, "--"]


def _run(command: list[str]) -> None:
    # Output to a file: a server that goes on in the background would keep a pipe open.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(command, stdout=output, stderr=output, cwd="/", timeout=120)
        output.seek(0)
        assert done.returncode == 0, output.read().decode(errors="replace")
