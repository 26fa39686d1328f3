"""Reviews are append-only: the database itself refuses to change or delete one.

They go only with their whole job: once it is gone, or in state `deleting`, which it cannot leave.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

REFUSAL = "reviews are append-only"
LIVES = "EXISTS (SELECT 1 FROM jobs WHERE jobs.id = OLD.job_id AND jobs.state <> 'deleting')"

SQLITE = (
    f"""CREATE TRIGGER reviews_no_update BEFORE UPDATE ON reviews
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
    f"""CREATE TRIGGER reviews_no_delete BEFORE DELETE ON reviews WHEN {LIVES}
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
    # INSERT OR REPLACE would delete without the trigger above, unless recursive_triggers is on
    """CREATE TRIGGER reviews_no_replace BEFORE INSERT ON reviews
    WHEN EXISTS (SELECT 1 FROM reviews WHERE reviews.id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END""",
    """CREATE TRIGGER jobs_stay_deleting BEFORE UPDATE OF state ON jobs
    WHEN OLD.state = 'deleting' AND NEW.state <> 'deleting'
    BEGIN SELECT RAISE(ABORT, 'the job is being deleted'); END""",
)
POSTGRESQL = (
    f"""CREATE FUNCTION dunlens_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$""",
    f"""CREATE FUNCTION dunlens_keep_review() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF {LIVES} THEN RAISE EXCEPTION '{REFUSAL}'; END IF; RETURN OLD; END $$""",
    """CREATE FUNCTION dunlens_stay_deleting() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the job is being deleted'; END $$""",
    """CREATE TRIGGER reviews_no_update BEFORE UPDATE ON reviews
    FOR EACH ROW EXECUTE FUNCTION dunlens_refuse()""",
    """CREATE TRIGGER reviews_no_delete BEFORE DELETE ON reviews
    FOR EACH ROW EXECUTE FUNCTION dunlens_keep_review()""",
    """CREATE TRIGGER reviews_no_truncate BEFORE TRUNCATE ON reviews
    FOR EACH STATEMENT EXECUTE FUNCTION dunlens_refuse()""",
    """CREATE TRIGGER jobs_stay_deleting BEFORE UPDATE OF state ON jobs FOR EACH ROW
    WHEN (OLD.state = 'deleting' AND NEW.state <> 'deleting')
    EXECUTE FUNCTION dunlens_stay_deleting()""",
)


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
