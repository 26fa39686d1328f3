"""Stores on both databases: every test that asks for `store` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from postgres import running_postgres

from serve.triage.store import Store


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Return the URL of a running server, with a gap for the name of a database."""
    with running_postgres() as url:
        yield url


@pytest.fixture
def postgres_database(postgres_server: str) -> str:
    """Return the URL of an empty database."""
    name = f"t{secrets.token_hex(6)}"
    with psycopg.connect(
        postgres_server.format(database="postgres"), autocommit=True
    ) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
    return postgres_server.format(database=name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Return where an empty database is, once of each kind."""
    if request.param == "sqlite":
        return tmp_path / "db" / "dunlens.sqlite"
    found: str = request.getfixturevalue("postgres_database")
    return found


@pytest.fixture
def store(database: str | Path) -> Iterator[Store]:
    """Return an empty store."""
    opened = Store(database)
    yield opened
    opened.close()
