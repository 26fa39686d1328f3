"""Files in: what an uploaded file of complaints is, and its rows one by one."""

from serve.triage.intake.inspect import inspect
from serve.triage.intake.model import BadRow, Inspection, IntakeError, Mapping, Record
from serve.triage.intake.read import count_records, read_records

__all__ = [
    "BadRow",
    "Inspection",
    "IntakeError",
    "Mapping",
    "Record",
    "count_records",
    "inspect",
    "read_records",
]
