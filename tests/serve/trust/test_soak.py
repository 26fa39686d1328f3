"""A short run of ``soak.py``; the command goes on for a day's requests."""

from __future__ import annotations

from pathlib import Path

import pytest
import soak


def test_every_answer_is_the_expected_one_and_nothing_grows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, _ = soak.soak(tmp_path, requests=300, seconds=120)
    assert run.wrong == []
    assert run.sent >= 300
    assert f"{run.sent} of 300" in capsys.readouterr().out


def test_growth_after_the_warm_up_is_seen() -> None:
    def part(**figures: float) -> soak.Part:
        same = {"memory_mib": 100.0, "files": 9, "threads": 9, "data_mib": 1, "cpu_ms": 2.0}
        return soak.Part([0.1], same | figures)

    warming_up = [part(memory_mib=50.0), part(files=2)]
    steady = [part() for _ in range(8)]
    assert soak.grown(warming_up + steady) == dict.fromkeys(soak.TARGETS, 0) | {"cpu_ms_ratio": 1}
    leak = soak.grown([*warming_up, *steady[:6], part(memory_mib=120.0), part(cpu_ms=4.0)])
    assert (leak["memory_mib"], leak["cpu_ms_ratio"]) == (20, 2)
    assert leak["memory_mib"] > soak.TARGETS["memory_mib"]
