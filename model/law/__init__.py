"""What the law says about a message and what its recipient can do: data in TOML, rules in data.

>>> from model.law import Facts, answer
>>> answer("threat_extortion", [], Facts(beyond_debt=True)).severity
'urgent'

`python -m model.law` prints every provision with its source and status.
"""

from model.law.book import Book, answer
from model.law.reader import LawError
from model.law.types import (
    Answer,
    Channel,
    Facts,
    Finding,
    Guidance,
    Provision,
    SourceNote,
    Step,
    Words,
)

__all__ = [
    "Answer",
    "Book",
    "Channel",
    "Facts",
    "Finding",
    "Guidance",
    "LawError",
    "Provision",
    "SourceNote",
    "Step",
    "Words",
    "answer",
]
