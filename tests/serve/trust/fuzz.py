"""Every operation of ``openapi.json`` under made-up requests, good and bad, over a real socket.

``python tests/serve/trust/fuzz.py --cases 20000`` starts a server with the fake classifier, sends
at least that many requests and prints each answer that is a 5xx or that the description does not
have: status, content type or schema. It exits with 1 where there is one. Method: Hatfield-Dodds
and Dygalo, Deriving Semantics-Aware Fuzzers from Web API Schemas, ICSE 2022.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

sys.path.insert(0, str(Path(__file__).parent.parent))
from fake_server import running_server

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OPENAPI = Path(__file__).parents[3] / "serve" / "openapi.json"
JOBS = "/v1/triage/jobs"
CSV = "时间,发送号码,短信内容\n2026-03-01 23:30,1069002,今天不还就在门口等你\n,,请还款\n"
FREE_ENDS = ("z", "/jobs", "}/inspection", "{job_id}", "/cancel", "/events", "/summary")
"""Paths that take any string, or nothing: a wrong request cannot be made by the description."""
COLUMNS = {"text": "短信内容", "sent_at": "时间", "sender": "发送号码"}


@dataclass
class Outcome:
    """What the requests of a run were answered.

    statuses: how often each; findings: what is wrong, with how often and one example.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    findings: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        return self.statuses.total()

    def add(self, name: str, example: str) -> None:
        count, first = self.findings.get(name, (0, example))
        self.findings[name] = (count + 1, first)


def run(url: str, cases: int, start: int = 0) -> Outcome:
    """Send at least `cases` requests, spread evenly over the operations; `start` seeds them."""
    schema = schemathesis.openapi.from_path(OPENAPI)
    operations = [found.ok() for found in schema.get_all_operations()]
    operations.sort(key=lambda operation: operation.method == "delete")  # it ends a known job
    known, outcome = _known_job(url), Outcome()
    plans = []
    for operation in operations:
        modes = [GenerationMode.POSITIVE]
        if not operation.path.endswith(FREE_ENDS) or operation.body or operation.query:
            modes.append(GenerationMode.NEGATIVE)
        for mode in modes:
            fixed: list[dict[str, Any]] = [{}]
            if "{job_id}" in operation.path:
                fixed.append({"job_id": known})
            if "{number}" in operation.path:
                fixed.append({"job_id": known, "number": 1})
            plans += [(operation, mode, parameters) for parameters in fixed]
    session = requests.Session()
    while outcome.cases < cases:
        share = max(1, -(-(cases - outcome.cases) // len(plans)))
        # a plan that gave no request has nothing to vary (a path without parameters or body)
        plans = [plan for plan in plans if _send(session, url, plan, share, start, outcome)]
        start += 1
    return outcome


def _strategy(operation: Any, mode: GenerationMode, fixed: dict[str, Any]) -> Any:
    return operation.as_strategy(generation_mode=mode, path_parameters=fixed or None)


def _send(
    session: requests.Session, url: str, plan: Any, examples: int, start: int, outcome: Outcome
) -> bool:
    """Send the requests of one plan; return whether there were any."""
    before = outcome.cases
    limits = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    @seed(start)
    @limits
    @given(case=_strategy(*plan))
    def one(case: Any) -> None:
        operation = f"{case.method} {case.path}"
        try:
            response = case.call(base_url=url, session=session, timeout=20)
        except requests.RequestException as error:
            outcome.add(f"{operation}: no answer ({type(error).__name__})", repr(case)[:400])
            return
        outcome.statuses[response.status_code] += 1
        try:
            case.validate_response(response, checks=CHECKS)
        except (Failure, FailureGroup) as error:
            found = error.exceptions if isinstance(error, FailureGroup) else [error]
            for failure in found:
                name = f"{operation}: {response.status_code} {failure.title}"
                outcome.add(name, f"{failure.message[:200]} {repr(case)[:300]}")

    with contextlib.suppress(Unsatisfiable):
        one()
    return outcome.cases > before


def _known_job(url: str) -> str:
    """Return the id of a job whose rows are done, so that requests get past the first 404."""
    headers = {"content-type": "application/octet-stream", "x-filename": quote("投诉.csv")}
    with httpx.Client(base_url=url, timeout=20) as client:
        job: str = client.post(JOBS, content=CSV.encode(), headers=headers).json()["job"]["id"]
        client.post(f"{JOBS}/{job}/start", json={"mapping": COLUMNS}).raise_for_status()
        end = time.monotonic() + 30
        while client.get(f"{JOBS}/{job}").json()["state"] != "done":
            if time.monotonic() > end:
                raise TimeoutError("the job was not done within 30 s")
            time.sleep(0.05)
    return job


def main() -> int:
    """Run with the options of the command line and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as server:
        outcome = run(server.url, options.cases, options.seed)
        unhandled = [line for line in server.log().splitlines() if "unhandled" in line]
    for name, (count, example) in sorted(outcome.findings.items()):
        print(f"{count:6} × {name}\n         {example}")
    for line in unhandled[:10]:
        print(line)
    statuses = ", ".join(f"{status}: {n}" for status, n in sorted(outcome.statuses.items()))
    print(f"{outcome.cases} cases in {time.monotonic() - began:.0f} s; answers {statuses}")
    print(f"{len(outcome.findings)} kinds of answers that are 5xx or not described")
    return 1 if outcome.findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
