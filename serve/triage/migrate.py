"""Bringing a database's tables up to date (Alembic), at every start."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from serve.triage.database import Database, DatabaseError

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x44554E4C  # of PostgreSQL: two servers that start at once take turns


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations up to `revision` in one transaction.

    Raises DatabaseError where the database does not answer or is newer than this program.
    """
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    try:
        with database.write() as connection:
            if database.is_postgres:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    except OperationalError as error:
        raise DatabaseError(
            f"数据库无法使用 (the database cannot be used): {type(error.orig).__name__}"
        ) from None
    except CommandError as error:
        raise DatabaseError(
            f"数据库比本程序新 (the database is newer than this program): {error}"
        ) from None
