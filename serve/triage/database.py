"""The database behind the store: SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

BUSY_MS = 30_000
"""How long a writer waits for another one."""

PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_MS}",
    "PRAGMA auto_vacuum = INCREMENTAL",  # of use only before the first table is made
    "PRAGMA journal_mode = WAL",  # readers do not wait for the writer
    "PRAGMA synchronous = FULL",  # what is acknowledged outlives a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # deleted texts are overwritten with zeros
    "PRAGMA recursive_triggers = ON",  # REPLACE must not slip past the delete triggers
    "PRAGMA cache_size = -16384",
)


class DatabaseError(ValueError):
    """The database cannot be used; the message says why, without a password."""


class Database:
    """An engine with its two kinds of transactions."""

    def __init__(self, url: str | Path) -> None:
        """Open a SQLite file (a path) or the database at a URL.

        Raises DatabaseError where the URL is wrong or its driver is not installed.
        """
        self.url = database_url(url)
        try:
            self.engine: Engine = create_engine(
                self.url,
                pool_pre_ping=self.is_postgres,
                hide_parameters=True,  # else every error quotes the texts of its statement
            )
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise DatabaseError(_advice(error)) from None
        if self.is_sqlite:
            _create_private(self.url.database or "")
            event.listen(self.engine, "connect", _on_sqlite_connect)
            event.listen(self.engine, "begin", _on_sqlite_begin)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def is_postgres(self) -> bool:
        return self.url.get_backend_name() == "postgresql"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads, and sees one state of the database throughout."""
        level = "REPEATABLE READ" if self.is_postgres else None
        with self.engine.connect() as connection:
            if level:
                connection = connection.execution_options(isolation_level=level)
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is committed at the end, or rolled back upon an error."""
        with self.engine.connect() as connection:
            connection = connection.execution_options(dunlens_write=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        self.engine.dispose()

    def scrub(self) -> bool:
        """Leave nothing of deleted rows behind; return whether that is done.

        SQLite: the freed pages are zeros already; shrink the file and empty the write-ahead log,
        for which somebody who reads right now may have to finish first. PostgreSQL: vacuum, which
        frees the space to be written over.
        """
        if self.is_sqlite:
            with closing(self.engine.raw_connection()) as raw:  # outside of any transaction
                # executescript: a plain execute frees one page only
                raw.cursor().executescript("PRAGMA incremental_vacuum")
                checkpoint = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
                busy, _, _ = checkpoint.fetchone()
            return not busy
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM rows, bad_rows, clusters, reviews, jobs"))
        return True


def database_url(url: str | Path) -> URL:
    """Return the URL of a SQLite file, or the given one with psycopg 3 as PostgreSQL's driver."""
    if isinstance(url, Path):
        return URL.create("sqlite", database=str(url))
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseError("不是数据库地址 (not a database URL)") from None
    backend = parsed.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise DatabaseError(
            "数据库只支持 SQLite 文件和 PostgreSQL (only SQLite files and PostgreSQL are supported)"
        )
    return parsed


def _create_private(path: str) -> None:
    """Make the file readable by its owner only; SQLite gives its other files the same mode."""
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _on_sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # else sqlite3 begins transactions at its own discretion
    for pragma in PRAGMAS:
        connection.execute(pragma).close()


def _on_sqlite_begin(connection: Connection) -> None:
    # A writer takes its lock at once: one that has only read so far could not wait for it.
    write = connection.get_execution_options().get("dunlens_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _advice(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return (
            f"缺少 {error.name}：PostgreSQL 需要 (PostgreSQL needs) pip install 'dunlens[postgres]'"
        )
    return "不是数据库地址 (not a database URL)"
