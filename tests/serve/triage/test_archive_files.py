"""Archives on this machine: every row once, finished parts kept, half a part is never one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from archives import COUNT, TEXTS, archive, results
from fakes import FakeClassifier, verdict

from serve.triage.archive import parts as parts_module
from serve.triage.archive.engines import Work, run_local
from serve.triage.archive.parts import bad_rows, do_part, is_done
from serve.triage.archive.plan import Part, Plan, held, make_plan
from serve.triage.archive.sources import ArchiveError, find_files

MODEL = FakeClassifier.version


def planned(folder: Path, target: Path, part_rows: int = 40) -> Plan:
    target.mkdir(exist_ok=True)
    return make_plan(find_files([folder]), target, MODEL, None, part_rows)


def done(plan: Plan, target: Path) -> list[str]:
    """Do what is left of a plan; return the names of the parts that were done for it."""
    left = [part for part in plan.parts() if not is_done(target, part)]
    outcomes = list(run_local(left, Work(target, None, MODEL), FakeClassifier()))
    assert [outcome.error for outcome in outcomes] == [None] * len(left)
    return [outcome.name for outcome in outcomes]


def test_each_row_is_in_the_results_or_among_the_bad_ones_once(tmp_path: Path) -> None:
    source, target = archive(tmp_path / "in"), tmp_path / "out"
    plan = planned(source, target)
    assert len(done(plan, target)) == 9
    good, bad = results(target)
    for name in ("a.csv", "b.jsonl", "c.parquet"):
        mine = [row for row in good if row["source"].endswith(name)]
        lost = [row for row in bad if row["source"].endswith(name)]
        numbers = [row["number"] for row in mine + lost]
        assert sorted(numbers) == list(range(1, COUNT + 1))
        for row in mine:
            text = TEXTS[row["number"] - 1]
            assert row["original"]["内容"] == text
            assert row["verdict"] == verdict(text).to_dict()
        assert [row["number"] for row in lost] == [
            n for n, text in enumerate(TEXTS, 1) if not text.strip()
        ]


def test_rows_have_what_a_desk_sorts_and_joins_by(tmp_path: Path) -> None:
    source, target = archive(tmp_path / "in"), tmp_path / "out"
    done(planned(source, target), target)
    good, _ = results(target)
    night = next(row for row in good if row["sent_at"] and row["sent_at"].endswith("23:05:00"))
    assert night["sender"].startswith("1069")
    assert 0 <= night["severity"] <= 100
    assert sum(night["severity_parts"].values()) == pytest.approx(night["severity"])


def test_finished_parts_are_not_done_again(tmp_path: Path) -> None:
    source, target = archive(tmp_path / "in"), tmp_path / "out"
    plan = planned(source, target)
    names = done(plan, target)
    before = {name: (target / name).stat().st_mtime_ns for name in names}
    whole = (target / names[3]).read_bytes()
    (target / names[3]).unlink()
    assert done(planned(source, target), target) == [names[3]]
    assert (target / names[3]).read_bytes() == whole
    after = {name: (target / name).stat().st_mtime_ns for name in names}
    assert {name for name in names if before[name] != after[name]} == {names[3]}


class DiesAfter(FakeClassifier):
    """Is interrupted, as by a kill, in its n-th call."""

    def __init__(self, calls: int) -> None:
        super().__init__()
        self._left = calls

    def classify(self, texts: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt
        return super().classify(texts)


def test_half_a_part_is_never_taken_for_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = archive(tmp_path / "in"), tmp_path / "out"
    monkeypatch.setattr(parts_module, "CHUNK", 10)
    plan = planned(source, target)
    first = next(plan.parts())
    with pytest.raises(KeyboardInterrupt):
        do_part(first, target, DiesAfter(2), None, MODEL)
    assert not is_done(target, first)
    assert bad_rows(target, first) == []
    done(plan, target)
    good, bad = results(target)
    assert len(good) + len(bad) == 3 * COUNT


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / ".a.jsonl.0123.part").write_text("half")
    with held(target):
        assert list(target.glob(".*.part")) == []
        with pytest.raises(ArchiveError, match="another run"), held(target):
            pass
    with held(target):
        pass


def test_an_archive_may_grow_but_not_change(tmp_path: Path) -> None:
    source, target = archive(tmp_path / "in"), tmp_path / "out"
    done(planned(source, target), target)
    (source / "d.jsonl").write_text('{"内容": "今天还款"}\n', encoding="utf-8")
    assert len(done(planned(source, target), target)) == 1
    (source / "d.jsonl").write_text('{"内容": "今天还款吧"}\n', encoding="utf-8")
    with pytest.raises(ArchiveError, match="has changed"):
        planned(source, target)


@pytest.mark.parametrize("noted", ["{", "[]", '{"model": "a"}', '{"format": 9}'])
def test_a_damaged_plan_is_told(tmp_path: Path, noted: str) -> None:
    source, target = archive(tmp_path / "in"), tmp_path / "out"
    target.mkdir()
    (target / "plan.json").write_text(noted)
    with pytest.raises(ArchiveError, match="damaged"):
        planned(source, target)


def test_results_of_another_model_or_column_are_not_mixed_in(tmp_path: Path) -> None:
    source, target = archive(tmp_path / "in"), tmp_path / "out"
    plan = planned(source, target)
    with pytest.raises(ArchiveError, match="another model"):
        make_plan(find_files([source]), target, "other-2")
    with pytest.raises(ArchiveError, match="another model"):
        make_plan(find_files([source]), target, MODEL, "号码")
    part = next(plan.parts())
    assert "another one" in str(do_part(part, target, FakeClassifier(), None, "other-2").error)
    assert not is_done(target, part)


def test_a_part_that_fails_is_told_and_holds_nobody_up(tmp_path: Path) -> None:
    source, target = archive(tmp_path / "in"), tmp_path / "out"
    plan = planned(source, target, part_rows=1_000)
    (source / "a.csv").unlink()
    outcomes = list(run_local(list(plan.parts()), Work(target, None, MODEL), FakeClassifier()))
    assert [outcome.error for outcome in outcomes] == ["FileNotFoundError", None, None]
    secret = FakeClassifier(error=RuntimeError("今天还款"))
    secret.classify([])
    part = list(plan.parts())[1]
    (target / part.name).unlink()
    assert do_part(part, target, secret, None, MODEL).error == "RuntimeError"


def test_fewer_rows_than_were_counted_are_no_result(tmp_path: Path) -> None:
    source, target = archive(tmp_path / "in"), tmp_path / "out"
    target.mkdir()
    part = Part(str(source / "b.jsonl"), 100, 200)
    assert "has changed" in str(do_part(part, target, FakeClassifier(), None, MODEL).error)
    assert not is_done(target, part)


def test_files_that_cannot_be_used_are_named_and_the_others_read(tmp_path: Path) -> None:
    source, target = archive(tmp_path / "in"), tmp_path / "out"
    (source / "x.parquet").write_bytes(b"PAR1 no")
    damaged = bytearray((source / "c.parquet").read_bytes())
    damaged[4:400] = bytes(396)  # its footer is whole, its first pages are not
    (source / "w.parquet").write_bytes(damaged)
    (source / "y.csv").write_bytes(b"")
    (source / "z.txt").write_text("x")
    plan = planned(source, target)
    assert {Path(path).name for path in plan.refused} == {"w.parquet", "x.parquet", "y.csv"}
    assert len(plan.files) == 3


def test_values_of_parquet_are_read_as_text(tmp_path: Path) -> None:
    table = {"内容": ["今天还款", None], "n": [1, 2], "时间": ["2026-03-01 23:05", None]}
    table |= {"更多": [[{"a": "甲"}], []]}
    pq.write_table(pa.table(table), tmp_path / "v.parquet")
    target = tmp_path / "out"
    done(planned(tmp_path, target), target)
    good, bad = results(target)
    assert [row["number"] for row in bad] == [2]
    assert good[0]["original"] | {"更多": json.loads(good[0]["original"]["更多"])} == {
        "内容": "今天还款",
        "n": "1",
        "时间": "2026-03-01 23:05",
        "更多": [{"a": "甲"}],
    }
    assert good[0]["sent_at"] == "2026-03-01 23:05:00"
