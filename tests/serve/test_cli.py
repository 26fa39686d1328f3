"""The command line, with the fake classifier in place of the model."""

from __future__ import annotations

import importlib
import io
import json
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeClassifier
from typer.testing import CliRunner, Result

import serve.classifier
from serve.cli import BAD_ROWS, _stdin_texts, app
from serve.files import command


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeClassifier:
    classifier = FakeClassifier()
    monkeypatch.setattr(serve.classifier, "load_classifier", lambda *_: classifier)
    return classifier


def run(*args: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, [*args], input=stdin)


@pytest.mark.usefixtures("fake")
class TestTexts:
    def test_a_readable_verdict_chinese_first(self) -> None:
        result = run("classify", "不还就在门口等你，告诉你同事，也许")
        assert result.exit_code == 0
        lines = result.stdout.splitlines()
        assert lines[1] == "类别：威胁、恐吓、敲诈勒索  (threat or extortion)"
        assert lines[2].startswith("把握：低，约 55%")
        assert "合法提醒 2%" in lines[3]
        assert "泄露隐私 96%" in lines[3]
        assert "另有：泄露隐私" in lines[4]
        assert "复核：置信度不足" in lines[5]
        assert "110" in lines[6]
        assert "call 110" in lines[6]
        assert lines[7] == "仅供参考，不是法律意见。  (For information only; no legal advice.)"

    def test_json_is_one_verdict_a_line(self) -> None:
        result = run("classify", "--json", "请还款", "早")
        labels = [json.loads(line)["label"] for line in result.stdout.splitlines()]
        assert labels == ["lawful_reminder", "out_of_scope"]
        assert result.stderr == ""

    def test_standard_input_is_one_text_a_line(self) -> None:
        result = run("classify", "--json", stdin="请还款\r\n不要脸\n")
        labels = [json.loads(line)["label"] for line in result.stdout.splitlines()]
        assert labels == ["lawful_reminder", "harassment"]

    def test_a_paste_into_a_terminal_is_one_text(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", Terminal("请\n还款\n"))
            assert list(_stdin_texts()) == [("第 1 条", "请\n还款", None)]

    def test_bad_texts_are_reported_and_the_rest_answered(self) -> None:
        result = run("classify", "--json", stdin="请还款\n" + "长" * 4001 + "\n \n早\n")
        assert result.exit_code == BAD_ROWS
        answers = [json.loads(line) for line in result.stdout.splitlines()]
        assert [a and a["label"] for a in answers] == ["lawful_reminder", None, "out_of_scope"]
        assert "第 2 行" in result.stderr
        assert "4000" in result.stderr
        assert "第 3 行" not in result.stderr, "a blank line is no text"

    def test_undecodable_bytes_cost_one_line_and_a_bom_is_no_text(self) -> None:
        stdin = "\ufeff早\n\n".encode() + b"\xbb\xb9\n" + "请还款".encode()
        result = run("classify", "--json", stdin=stdin)
        assert result.exit_code == BAD_ROWS
        answers = [json.loads(line) for line in result.stdout.splitlines()]
        assert [a and a["label"] for a in answers] == ["out_of_scope", None, "lawful_reminder"]
        assert "第 3 行：不是有效的 UTF-8" in result.stderr
        assert run("classify", stdin="\ufeff早\n").stdout.startswith("文本：早\n")

    def test_a_blank_argument_is_reported(self) -> None:
        result = run("classify", "--json", "早", " ")
        assert result.exit_code == BAD_ROWS
        assert result.stdout.splitlines()[1:] == ["null"]
        assert "第 2 条" in result.stderr

    def test_nothing_at_all_is_a_wrong_call(self) -> None:
        assert run("classify", stdin="").exit_code == 2

    def test_text_that_cannot_be_encoded(self) -> None:
        assert run("classify", "\udcff还款").exit_code == 0

    def test_the_echo_of_a_text_cannot_steer_the_terminal(self) -> None:
        result = run("classify", "\x1b[2J\x1b]0;x\x07请\u202e还\x9b款\n。")
        assert result.stdout.splitlines()[0] == "文本：[2J]0;x请还款 。"


@pytest.mark.usefixtures("fake")
class TestFiles:
    def test_jsonl(self, tmp_path: Path) -> None:
        source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
        source.write_text('{"text": "请还款"}\n' * 300, encoding="utf-8")
        result = run("classify", "--input", str(source), "--output", str(target))
        assert result.exit_code == 0
        assert len(target.read_text().splitlines()) == 300
        assert "完成 300 行" in result.stderr
        assert result.stdout == ""

    def test_csv_with_bad_rows_exits_with_3(self, tmp_path: Path) -> None:
        source, target = tmp_path / "in.CSV", tmp_path / "out.csv"
        source.write_text("内容\n请还款\n\n  \n", encoding="utf-8-sig")
        args = ["--input", str(source), "--output", str(target), "--text-field", "内容"]
        result = run("classify", *args)
        assert result.exit_code == BAD_ROWS
        assert "第 4 行：字段 内容" in result.stderr
        assert "lawful_reminder" in target.read_text(encoding="utf-8-sig")

    def test_standard_streams(self) -> None:
        result = run(
            "classify", "--input", "-", "--output", "-", "--format", "csv", stdin="text\n还款\n"
        )
        assert result.exit_code == 0
        assert result.stdout.splitlines()[1].startswith("还款,")

    def test_a_file_may_be_classified_in_place(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_text('{"text": "还款"}\n')
        assert run("classify", "-i", str(path), "-o", str(path)).exit_code == 0
        assert json.loads(path.read_text())["verdict"]["label"] == "lawful_reminder"

    @pytest.mark.parametrize(
        ("args", "words"),
        [
            (["-i", "{tmp}/none.jsonl"], "none.jsonl"),
            (["-i", "{tmp}"], "--format"),
            (["-i", "{tmp}", "--format", "csv"], "{tmp}"),
            (["-i", "{tmp}/in.txt"], "--format"),
            (["-i", "{tmp}/in.jsonl", "-o", "{tmp}/out.csv"], "jsonl"),
            (["-i", "{tmp}/in.jsonl", "-o", "{tmp}/none/out.jsonl"], "none"),
            (["-i", "{tmp}/in.jsonl", "-o", "{tmp}"], "{tmp}"),
            (["-i", "{tmp}/in.csv"], "--text-field"),
            (["-i", "{tmp}/in.jsonl", "还款"], "--input"),
            (["-o", "{tmp}/out.jsonl", "还款"], "--input"),
            (["-i", "{tmp}/in.jsonl", "--format", "xml"], "xml"),
        ],
    )
    def test_wrong_calls_exit_with_2_and_say_why(
        self, tmp_path: Path, args: list[str], words: str
    ) -> None:
        (tmp_path / "in.jsonl").write_text('{"text": "还款"}\n')
        (tmp_path / "in.csv").write_text("a,b\n1,2\n")
        before = sorted(tmp_path.iterdir())
        result = run("classify", *[arg.format(tmp=tmp_path) for arg in args])
        assert result.exit_code == 2, result.stderr
        assert words.format(tmp=tmp_path) in result.stderr
        assert sorted(tmp_path.iterdir()) == before

    def test_a_crash_leaves_no_half_file(self, tmp_path: Path, fake: FakeClassifier) -> None:
        source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
        source.write_text('{"text": "还款"}\n' * 600)
        fake.error = RuntimeError("broken")
        result = run("classify", "-i", str(source), "-o", str(target))
        assert result.exit_code == 1
        assert list(tmp_path.iterdir()) == [source]


class TestTrainingCommands:
    @pytest.mark.parametrize("name", ["train", "evaluate", "export"])
    def test_arguments_are_passed_through(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[Any] = []

        def main(argv: list[str]) -> int:
            seen.append(argv)
            return 4

        monkeypatch.setitem(sys.modules, f"training.{name}", types.SimpleNamespace(main=main))
        result = run(name, "--config", "x.yaml", "--help", "a", "-v")
        assert result.exit_code == 4
        assert seen == [["--config", "x.yaml", "--help", "a", "-v"]]

    def test_a_missing_extra_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing(name: str) -> None:
            raise ModuleNotFoundError("No module named 'torch'", name="torch.nn")

        monkeypatch.setattr(importlib, "import_module", missing)
        result = run("train")
        assert result.exit_code == 2
        assert "pip install '.[train]'" in result.stderr
        assert "torch" in result.stderr

    def test_another_missing_module_is_an_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing(name: str) -> None:
            raise ModuleNotFoundError("No module named 'oops'", name="oops")

        monkeypatch.setattr(importlib, "import_module", missing)
        assert isinstance(run("train").exception, ModuleNotFoundError)


def test_serve_refuses_to_open_up_by_accident() -> None:
    result = run("serve", "--host", "0.0.0.0")
    assert result.exit_code == 2
    assert "dunlens keys create" in result.stderr


def test_a_model_that_cannot_be_loaded_is_explained(tmp_path: Path) -> None:
    result = run("classify", "--artifact", str(tmp_path), "还款")
    assert result.exit_code == 1
    assert "模型无法加载" in result.stderr


def test_version_and_help() -> None:
    assert run("--version").stdout.startswith("dunlens ")
    help_text = run("--help").stdout
    for name in ("classify", "serve", "train", "evaluate", "export"):
        assert name in help_text
    assert "copied untouched" in " ".join(run("classify", "--help").stdout.split())


def test_help_is_fast_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, time; t = time.perf_counter(); import serve.cli; "
        "heavy = {'numpy', 'onnxruntime', 'fastapi', 'torch', 'tokenizers'} & set(sys.modules); "
        "print(heavy or 'light', time.perf_counter() - t)"
    )
    root = Path(serve.__file__).parent.parent
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=root, check=True, capture_output=True, text=True
    ).stdout.split()
    assert out[0] == "light"
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "serve.cli", "--help"], cwd=root, check=True, capture_output=True
    )
    assert time.perf_counter() - started < 2  # 0.2 s on a quiet machine


def test_progress_is_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "还款"}\n' * 3)
    command.classify_paths(str(source), str(tmp_path / "o.jsonl"), None, "text", FakeClassifier)
    captured = capsys.readouterr()
    assert "3行" in captured.err
    assert captured.out == ""
