"""What the routes of the triage desk share: the store behind them, and how it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from serve.access import LOCAL, caller_of
from serve.problems import ProblemError
from serve.schemas import ProblemBody
from serve.triage.intake import IntakeError
from serve.triage.jobstore import NoSuchJobError, WrongStateError
from serve.triage.records import Filters, Job
from serve.triage.retention import Retention
from serve.triage.reviewstore import NothingToUndoError, ReviewError
from serve.triage.rowstore import NoSuchRowError
from serve.triage.runner import Runner
from serve.triage.schemas import JobOut, RowsQuery
from serve.triage.store import Store
from serve.triage.uploads import Uploads

PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": ProblemBody, "description": "The body is not JSON."},
    404: {"model": ProblemBody, "description": "There is no such job or row."},
    409: {"model": ProblemBody, "description": "The state of the job does not allow this."},
    408: {"model": ProblemBody, "description": "The body came too slowly."},
    413: {"model": ProblemBody, "description": "The body is too large."},
    415: {"model": ProblemBody, "description": "A POST is not declared as JSON, body or not."},
    422: {"model": ProblemBody, "description": "A field is wrong; the answer names its limit."},
    503: {"model": ProblemBody, "description": "Loading, busy or too slow; see Retry-After."},
    507: {"model": ProblemBody, "description": "The disk is full; nothing was stored."},
}


@dataclass
class Desk:
    """What stands behind the routes of the triage desk."""

    store: Store
    uploads: Uploads
    runner: Runner
    retention: Retention
    streams: int = 0
    """Streams of events that are open; touched on the event loop only, as `receiving` is."""
    receiving: int = 0
    """Uploads under way."""

    def job_out(self, job: Job) -> JobOut:
        """Return the JSON form of a job that was read just now."""
        out, progress = JobOut.model_validate(job), self.runner.progress(job)
        if progress is None:
            return out
        pace = {"rate": progress.rate, "seconds_left": progress.seconds_left}
        return out.model_copy(update=pace)


def desk(request: Request) -> Desk:
    """Return the desk of the application (a dependency)."""
    found: Desk = request.app.state.desk
    return found


def reviewer(request: Request, stated: str | None) -> str:
    """Return who reviews: the name of the key; without keys, what the page states."""
    caller = caller_of(request)
    if caller is None or caller.key_id is not None:
        return caller.name if caller else LOCAL.name
    return " ".join((stated or "").split()) or LOCAL.name


class FileRefusedError(ProblemError):
    """What intake says of a file, with its own code and words."""

    def __init__(self, error: IntakeError) -> None:
        super().__init__("invalid", field=error.field, limit=error.limit)
        self.code, self._words = error.code, {"zh": error.zh, "en": error.en}

    def message(self, language: str, field: str | None = None) -> str:
        return self._words["en" if language == "en" else "zh"]


def found_job(desk: Desk, job_id: str) -> Job:
    """Return a job. Raises ProblemError (404)."""
    try:
        return desk.store.job(job_id)
    except NoSuchJobError:
        raise ProblemError("job_not_found", field="job_id") from None


@contextmanager
def refused(states: str = "") -> Iterator[None]:
    """Turn what the store and the intake raise into problems; states: those that would do."""
    try:
        yield
    except NoSuchJobError:
        raise ProblemError("job_not_found", field="job_id") from None
    except NoSuchRowError:
        raise ProblemError("row_not_found", field="number") from None
    except WrongStateError:
        raise ProblemError("wrong_state", field="state", limit=states) from None
    except NothingToUndoError:
        raise ProblemError("nothing_to_undo", field="reviewer") from None
    except ReviewError as error:
        raise ProblemError("not_an_option", field=error.field, limit=error.limit) from None
    except IntakeError as error:
        raise FileRefusedError(error) from None


def filters(query: RowsQuery) -> Filters:
    """Return the store's form of a query's filters."""
    return Filters(
        label=query.label,
        review=query.review,
        reviewed=query.reviewed,
        q=query.q or None,
        sender=query.sender or None,
        signature=query.signature or None,
        cluster=query.cluster,
    )
