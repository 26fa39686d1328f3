"""Migrations: from nothing, from the first revision with data in it, twice, and from the future."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from serve.triage.database import Database, DatabaseError
from serve.triage.migrate import FOLDER, upgrade
from serve.triage.store import Store
from serve.triage.tables import metadata

HEAD = ScriptDirectory(str(FOLDER)).get_current_head()
FIRST = ScriptDirectory(str(FOLDER)).get_base()


def revision(database: Database) -> str | None:
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_from_nothing_and_again(database: str | Path) -> None:
    for _ in range(2):
        store = Store(database)
        assert revision(store) == HEAD
        store.close()


def test_the_migrations_give_the_tables_that_the_code_uses(store: Store) -> None:
    with store.read() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    assert found == []


def test_from_the_first_revision_with_data(database: str | Path) -> None:
    old = Database(database)
    assert FIRST is not None
    upgrade(old, FIRST)
    with old.write() as connection:
        connection.execute(
            text(
                "INSERT INTO jobs (id, name, created_at, expires_at, state, file_sha256,"
                " file_bytes, dialect, headings, rows_done, rows_bad, model) VALUES ('j', '旧',"
                " '2026-01-01 00:00:00', '2036-01-01 00:00:00', 'done', 'x', 1, '{}', '[]', 1, 0,"
                " 'm')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO reviews (job_id, number, at, reviewer, from_label, from_also,"
                " to_label, to_also, note, model) VALUES ('j', 1, '2026-01-02 00:00:00', '甲',"
                " 'harassment', '[]', 'out_of_scope', '[]', '', 'm')"
            )
        )
    old.close()
    store = Store(database)
    assert revision(store) == HEAD
    assert store.job("j").name == "旧"
    assert store.reviews("j")[0].to_label == "out_of_scope"
    with pytest.raises(DBAPIError, match="append-only"), store.write() as connection:
        connection.execute(text("DELETE FROM reviews"))
    store.close()


def test_a_database_from_the_future_is_refused_and_left_alone(database: str | Path) -> None:
    store = Store(database)
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(DatabaseError, match="newer"):
        Store(database)
    untouched = Database(database)
    assert revision(untouched) == "9999"
    untouched.close()


def test_only_the_owner_can_read_the_files(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / "dunlens.sqlite")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    modes = {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "new").iterdir()}
    assert modes == {0o600}
    store.close()


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "postgresql+x://"]
)
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(DatabaseError):
        Store(url)


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError) as refused:
        Store(f"postgresql://me:secret@/db?host={tmp_path}")
    assert "secret" not in str(refused.value)
