"""The command ``dunlens report``: a file of messages in, a report out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

from pydantic import ValidationError

from serve.classifier import TextClassifier
from serve.exits import fail
from serve.explain import explained
from serve.files.output import open_output
from serve.files.record import FileError
from serve.files.run import format_of
from serve.problems import problem_of
from serve.report.case import Versions
from serve.report.casefile import read_case
from serve.report.content import build
from serve.report.render import render
from serve.report.schemas import Format, ReportRequest
from serve.toolversion import tool_version
from serve.wording import Language


def report_file(
    source: Path,
    target: Path,
    title: str | None,
    language: Language,
    load: Callable[[], TextClassifier],
) -> int:
    """Write the report of the case in `source` to `target`; return the number of messages.

    Leaves with code 2 where the files or the title cannot be used.
    """
    format = target.suffix.lower().removeprefix(".")
    if format not in get_args(Format):
        fail(f"{target}：扩展名应为 .pdf 或 .docx (the output must end in .pdf or .docx)")
    asked = _request(source, title, language, format)
    classifier = load()
    verdicts = classifier.classify([message.text for message in asked.messages])
    items = [
        explained(message.text, verdict, classifier.explain(message.text, verdict), message.stated)
        for message, verdict in zip(asked.messages, verdicts, strict=True)
    ]
    versions = Versions(tool_version(), classifier.version)
    content = render(build(asked, items, versions), asked.format)
    try:
        with open_output(target) as stream:
            stream.write(content)
    except OSError as error:
        fail(f"{target}: {error.strerror}")
    return len(items)


def _request(source: Path, title: str | None, language: Language, format: str) -> ReportRequest:
    kind = format_of(str(source))
    if kind is None:
        fail(f"{source}：扩展名应为 .jsonl 或 .csv (the input must end in .jsonl or .csv)")
    try:
        with source.open("rb") as stream:
            messages = read_case(stream, kind)
        return ReportRequest.model_validate(
            {"format": format, "language": language, "title": title, "messages": messages}
        )
    except FileError as error:
        fail(f"{source}：{error}")
    except OSError as error:
        fail(f"{source}: {error.strerror}")
    except ValidationError as error:
        fail(problem_of(error).in_both)
