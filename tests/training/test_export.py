"""From a run to an artifact that serving loads."""

import json
import shutil
from pathlib import Path

import pytest
from tiny import CONFIG, SPLITS, corpus_rows, use_toy_rows

from data.labels import LABELS
from model import Classifier
from model.classifier import LONGEST
from model.manifest import read_manifest, verify
from training.config import load_config

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from safetensors import safe_open  # noqa: E402
from tokenizers import Tokenizer, models, pre_tokenizers, processors  # noqa: E402

from training import export as exporting  # noqa: E402
from training.train import train  # noqa: E402

FILES = {
    "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
    "model.int8.onnx", "calibration.json", "manifest.json", "training.json",
}  # fmt: skip


def test_the_artifact_has_its_files_and_their_hashes(tiny_artifact: Path) -> None:
    names = {path.name for path in tiny_artifact.iterdir()}
    assert names >= FILES
    _, files = read_manifest(tiny_artifact)
    assert set(files) == names - {"manifest.json"}
    verify(tiny_artifact, files, tuple(files))


def test_only_safetensors_and_onnx_hold_weights(tiny_artifact: Path) -> None:
    suffixes = {path.suffix for path in tiny_artifact.iterdir()}
    assert suffixes <= {".json", ".safetensors", ".onnx", ".md"}


def test_weights_are_half_precision(tiny_artifact: Path) -> None:
    with safe_open(tiny_artifact / "model.safetensors", "pt") as file:
        assert {file.get_tensor(name).dtype for name in file.keys()} == {torch.float16}  # noqa: SIM118


def test_the_classifier_loads_it_and_solves_the_toy_problem(tiny_artifact: Path) -> None:
    classifier = Classifier.load(tiny_artifact, threads=1)
    assert classifier.version.startswith("tiny-0.0.1+")
    rows = corpus_rows(100, seed=77)
    verdicts = classifier.classify([row.text for row in rows])
    right = [verdict.label == row.label for verdict, row in zip(verdicts, rows, strict=True)]
    assert sum(right) >= 85
    assert list(verdicts[0].scores) == list(LABELS)


def test_a_long_text_is_read_to_its_end(tiny_artifact: Path) -> None:
    classifier = Classifier.load(tiny_artifact, threads=1)
    filler = "今天明天后天你好我们他们这里那里可以已经还有因为所以" * 200
    assert len(filler) > 4 * LONGEST
    plain, threat = classifier.classify([filler, filler + "砍死你，砍死你，上门泼漆，叫人堵你"])
    assert threat.scores["threat_extortion"] > plain.scores["threat_extortion"] + 0.3


def test_the_record_tells_how_it_was_made(tiny_artifact: Path, tmp_path: Path) -> None:
    record = json.loads((tiny_artifact / "training.json").read_text(encoding="utf-8"))
    (tmp_path / "config.yaml").write_text(record["config"], encoding="utf-8")
    assert load_config(tmp_path / "config.yaml") == CONFIG
    assert record["environment"]["train"]["rows"] == CONFIG.limit
    assert record["dev_scores"]["average"]["macro_f1_five"] > 0.8
    assert record["calibration"]["rows"] == SPLITS["dev"]


def test_the_calibration_is_fitted_to_the_exported_graph(
    tiny_artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(tiny_artifact, tmp_path / "artifact"))
    (folder / "calibration.json").unlink()
    use_toy_rows(monkeypatch, "training.export")
    exporting.calibrate_artifact(folder)
    assert (folder / "calibration.json").read_text() == (
        tiny_artifact / "calibration.json"
    ).read_text()


@pytest.fixture(scope="module")
def other_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tiny BERT as the hubs have it: word pieces, [CLS] and [SEP], padding with 0."""
    folder = tmp_path_factory.mktemp("other")
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    characters = sorted({c for row in corpus_rows(200, seed=0) for c in row.text})
    pieces = [*special, *characters, *(f"##{c}" for c in characters)]
    vocabulary = {piece: index for index, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]", mask_token="[MASK]",
    ).save_pretrained(folder)  # fmt: skip
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(pieces), hidden_size=64, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64, initializer_range=0.1,
    )  # fmt: skip
    transformers.BertModel(config).save_pretrained(folder)  # with a pooler, which is not used
    return folder


def test_another_bert_goes_the_same_way(
    other_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_toy_rows(monkeypatch, "training.train", "training.export")
    changes = {"base": str(other_base), "layers": None, "epochs": 4, "learning_rate": 1e-2}
    scores = train(CONFIG.model_copy(update=changes), tmp_path / "run")
    assert scores["average"]["macro_f1_five"] > 0.5
    exporting.export(tmp_path / "run", tmp_path / "artifact", "other-0.0.1")
    rows = corpus_rows(100, seed=78)
    verdicts = Classifier.load(tmp_path / "artifact", threads=1).classify([r.text for r in rows])
    right = [verdict.label == row.label for verdict, row in zip(verdicts, rows, strict=True)]
    assert sum(right) > 50


@pytest.fixture
def quick(tiny_artifact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip the slow steps of an export: take graph and calibration from the tiny artifact."""

    def copy(name: str) -> object:
        return lambda *paths: shutil.copy(tiny_artifact / name, paths[-1])

    monkeypatch.setattr(exporting, "export_fp32", lambda *paths: None)
    monkeypatch.setattr(exporting, "quantise", copy("model.int8.onnx"))
    monkeypatch.setattr(
        exporting,
        "calibrate_artifact",
        lambda folder, *rest: shutil.copy(tiny_artifact / "calibration.json", folder) and {},
    )


def test_an_earlier_artifact_is_replaced_whole(
    tiny_run: Path, tiny_artifact: Path, tmp_path: Path, quick: None
) -> None:
    output = Path(shutil.copytree(tiny_artifact, tmp_path / "artifact"))
    (output / "left_over.json").write_text("{}")
    exporting.export(tiny_run, output, "tiny-0.0.2")
    assert not (output / "left_over.json").exists()
    assert Classifier.load(output).version.startswith("tiny-0.0.2+")
    assert [path.name for path in tmp_path.iterdir()] == ["artifact"]


def test_too_large_an_artifact_is_refused_and_the_earlier_one_stays(
    tiny_run: Path, tiny_artifact: Path, tmp_path: Path, quick: None
) -> None:
    output = Path(shutil.copytree(tiny_artifact, tmp_path / "artifact"))
    with pytest.raises(ValueError, match=r"MiB, the limit is 1 .--max-mib"):
        exporting.export(tiny_run, output, "tiny-0.0.2", max_mib=1)
    assert Classifier.load(output).version.startswith("tiny-0.0.1+")
    assert [path.name for path in tmp_path.iterdir()] == ["artifact"]


def test_a_folder_of_something_else_is_never_replaced(
    tiny_run: Path, tmp_path: Path, quick: None
) -> None:
    (tmp_path / "notes.txt").write_text("not to be lost")
    with pytest.raises(FileExistsError, match="artifact"):
        exporting.export(tiny_run, tmp_path, "tiny-0.0.2")
    assert (tmp_path / "notes.txt").read_text() == "not to be lost"


@pytest.mark.parametrize("missing", [".", "model", "config.yaml", "dev_scores.json"])
def test_an_unfinished_run_is_refused_by_name(
    missing: str, tiny_run: Path, tmp_path: Path, quick: None, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    if missing != ".":
        shutil.copytree(tiny_run, run, ignore=shutil.ignore_patterns("seed-*", missing))
    output = tmp_path / "artifact"
    assert exporting.main([str(run), "--output", str(output)]) == 2
    assert str(run) in capsys.readouterr().err
    assert not output.exists()


def test_the_command_prints_the_calibration_report(
    tiny_run: Path, tmp_path: Path, quick: None, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "artifact"
    assert exporting.main([str(tiny_run), "--output", str(output), "--name", "tiny-1.2.3"]) == 0
    assert json.loads(capsys.readouterr().out) == {}
    assert Classifier.load(output).version.startswith("tiny-1.2.3+")
