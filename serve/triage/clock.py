"""Time, for what must hold although somebody sets the machine's clock meanwhile."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Final

from serve.triage.jobstore import now


def steady() -> float:
    """Return seconds that setting the clock does not change; suspended ones count as well."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


_START: Final = now() - timedelta(seconds=steady())


def no_earlier() -> datetime:
    """Return the time, or the time at the start of the process and what has passed since.

    Whichever is later: a clock that is set back brings no expired key back.
    """
    return max(now(), _START + timedelta(seconds=steady()))
