"""Corrections: reviewed rows come out in the corpus format, without what tells who a person is."""

from __future__ import annotations

from pathlib import Path

import pytest
from storerows import filled_job, new_job, new_row
from typer.testing import CliRunner

from data.rows import read_rows
from serve.cli import app
from serve.triage.corrections import corpus_rows
from serve.triage.store import Store


def reviewed(store: Store) -> str:
    """Make a job with three texts, of which two are reviewed."""
    job = new_job(store)
    store.queue(job.id)
    store.claim_next()
    texts = ["张伟明先生，今天不还5000元就去你家，电话13812345678", "您好，请还款", "没人看过"]
    rows = [new_row(n, text=text, label="harassment") for n, text in enumerate(texts, 1)]
    store.append_chunk(job.id, 0, rows, [], 3, "m")
    store.finish(job.id)
    also = ["privacy_disclosure"]
    store.add_review(job.id, 1, reviewer="甲", label="threat_extortion", also=also)
    store.add_review(job.id, 2, reviewer="甲", label="harassment")
    return job.id


def test_rows_of_the_corpus(store: Store) -> None:
    job = reviewed(store)
    first, second = corpus_rows(store.reviewed_rows(job), "message", "wechat")
    assert first is not None
    assert second is not None
    assert first.text == "张某先生，今天不还5000元就去你家，电话138****0000"
    assert (first.label, first.also, first.hard) == (
        "threat_extortion",
        ["privacy_disclosure"],
        True,
    )
    assert (second.label, second.also, second.hard) == ("harassment", [], False)
    assert {row.channel for row in (first, second)} == {"wechat"}


def test_the_same_row_comes_once(store: Store) -> None:
    reviewed(store)
    reviewed(store)
    assert len(list(corpus_rows(store.reviewed_rows()))) == 2


def test_labels_that_do_not_fit_a_narrative_are_counted(store: Store) -> None:
    job = filled_job(store)
    also = ["threat_extortion"]  # of which a narrative's label would have to be the gravest
    store.add_review(job.id, 1, reviewer="甲", label="privacy_disclosure", also=also)
    assert list(corpus_rows(store.reviewed_rows(), "narrative")) == [None]
    [found] = corpus_rows(store.reviewed_rows(), "message")
    assert found is not None


def export(folder: Path, *arguments: str) -> tuple[int, str]:
    command = ["corrections", "export", "-o", str(folder / "out.jsonl"), *arguments]
    done = CliRunner().invoke(app, command)
    return done.exit_code, done.stderr


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DUNLENS_DATA_DIR", str(tmp_path))
    return tmp_path


def test_the_command_writes_what_training_reads(data: Path) -> None:
    store = Store(data / "dunlens.sqlite")
    job = reviewed(store)
    other = reviewed(store)
    store.add_review(other, 3, reviewer="甲", label="out_of_scope")
    store.close()
    code, message = export(data, "--job", job)
    assert code == 0
    assert "导出 2 行" in message
    rows = read_rows(data / "out.jsonl")
    assert len(rows) == 2
    assert "张伟明" not in (data / "out.jsonl").read_text("utf-8")
    assert (data / "out.jsonl").stat().st_mode & 0o777 == 0o600
    assert export(data)[0] == 0
    assert len(read_rows(data / "out.jsonl")) == 3


def test_what_the_command_refuses(data: Path) -> None:
    assert export(data, "--job", "nothing")[0] == 2
    assert not (data / "out.jsonl").exists()
    assert export(data / "no folder")[0] == 2
