"""Own rows, own labels, another encoder: the whole path without a change of code."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from own import rows, write_config, write_csv, write_encoder, write_labels  # noqa: E402

import model.any_encoder  # noqa: E402
from data.scheme import Scheme  # noqa: E402
from model import ArtifactError, Classifier  # noqa: E402
from serve.classifier import load_classifier  # noqa: E402
from serve.cli import app  # noqa: E402
from training import evaluate, export, train  # noqa: E402

CLASSES = ("fair_contact", "undue_pressure", "false_claim", "unrelated")
UNSEEN = [
    ("heron north amber lilac maple cedar pay when you can birch delta fjord", "fair_contact"),
    ("glade delta knoll inlet amber fjord shame on you maple heron north", "undue_pressure"),
    ("cedar birch inlet jolly ember knoll you go to jail today delta heron lilac", "false_claim"),
    ("jolly fjord ember amber lilac north happy birthday inlet cedar maple", "unrelated"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with rows, a label map and a tiny random BERT."""
    folder = tmp_path_factory.mktemp("own")
    write_csv(folder / "mine.csv", rows(200))
    write_labels(folder)
    write_encoder(folder / "encoder")
    write_config(folder / "run.yaml", base=str(folder / "encoder"))
    return folder


@pytest.fixture(scope="module")
def run(place: Path) -> Path:
    arguments = ["--config", str(place / "run.yaml"), "--data", str(place / "mine.csv")]
    arguments += ["--label-map", str(place / "labels.toml"), "--output", str(place / "run")]
    assert train.main(arguments) == 0
    return place / "run"


@pytest.fixture(scope="module")
def artifact(run: Path, place: Path) -> Path:
    folder = place / "artifact"
    assert export.main([str(run), "--output", str(folder), "--name", "own-0.1.0"]) == 0
    return folder


def test_a_random_bert_from_disk_learns_three_labels_of_another_jurisdiction(run: Path) -> None:
    scores = json.loads((run / "dev_scores.json").read_text())["average"]
    assert scores["macro_f1_five"] > 0.8  # one answer for all of four classes: 0.1
    assert Scheme.load(run).classes == CLASSES
    config = json.loads((run / "model" / "config.json").read_text())
    assert list(config["id2label"].values()) == list(CLASSES[:3])


def test_the_artifact_classifies_with_its_own_labels(artifact: Path) -> None:
    classifier = Classifier.load(artifact, threads=1)
    assert classifier.scheme.classes == CLASSES
    verdicts = classifier.classify([text for text, _ in UNSEEN])
    assert [verdict.label for verdict in verdicts] == [label for _, label in UNSEEN]
    assert list(verdicts[0].scores) == list(CLASSES[:3])
    calibration = json.loads((artifact / "calibration.json").read_text())
    assert calibration["costs"][1][0] == 9  # undue pressure called fair, as the label map states
    assert calibration["costs"][1][2] == 1  # by the rule: called by a graver name
    assert calibration["costs"][2][1] == 2  # and by a less grave one


def test_the_command_line_speaks_its_names(artifact: Path) -> None:
    result = CliRunner().invoke(app, ["classify", "--artifact", str(artifact), UNSEEN[2][0]])
    assert result.exit_code == 0, result.output
    assert "类别：虚假陈述  (false claim)" in result.output
    assert "合规联系" in result.output
    result = CliRunner().invoke(
        app, ["classify", "--artifact", str(artifact), "--json", "--explain", UNSEEN[1][0]]
    )
    value = json.loads(result.stdout)
    assert value["label"] == "undue_pressure"
    [evidence] = value["evidence"]
    [span] = evidence["spans"]
    assert "shame" in UNSEEN[1][0][slice(*span)]


def test_a_file_is_classified_with_its_labels(artifact: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text, _ in UNSEEN))
    arguments = ["classify", "-i", str(source), "-o", str(target), "--artifact", str(artifact)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    found = [json.loads(line)["verdict"]["label"] for line in target.read_text().splitlines()]
    assert found == [label for _, label in UNSEEN]


def test_the_service_refuses_it_and_says_what_to_use(artifact: Path) -> None:
    with pytest.raises(ArtifactError, match=r"fair_contact.*dunlens classify"):
        load_classifier(artifact)


def test_a_text_longer_than_the_encoder_reads_is_read_to_its_end(artifact: Path) -> None:
    # 66 positions, two of them for the frame
    assert json.loads((artifact / "config.json").read_text())["longest"] == 64
    filler = f"{UNSEEN[3][0]} " * 25  # of a known class: what a model makes of no class is chance
    plain, claim = Classifier.load(artifact, threads=1).classify(
        [filler, filler + "you go to jail today court judged you you go to jail today"]
    )
    assert claim.scores["false_claim"] > plain.scores["false_claim"] + 0.3


def test_it_is_evaluated_on_the_test_split_of_its_own_rows(artifact: Path, tmp_path: Path) -> None:
    arguments = ["--artifact", str(artifact), "--no-frozen", "--resamples", "20"]
    assert evaluate.main([*arguments, "--output", str(tmp_path)]) == 0
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    entry = metrics["sets"]["test"]
    assert list(entry["classes"]) == list(CLASSES)
    assert 0 < entry["n"] < 60
    assert entry["source"]["data"] == ["mine.csv"]
    assert list(entry["systems"]) == ["model", "words", "characters"]
    assert entry["systems"]["model"]["figures"]["macro_f1_five"]["value"] > 0.7
    assert set(entry["systems"]["model"]["slices"]["channel"]) & {"a", "b"}
    assert metrics["targets"] == []  # they are the default labels'
    report = (tmp_path / "report.md").read_text()
    assert "all classes" in report
    assert "five classes" not in report


def test_changed_rows_are_noticed_at_export(run: Path, place: Path, tmp_path: Path) -> None:
    data, map_ = place / "mine.csv", place / "labels.toml"
    whole = data.read_text()
    try:
        write_csv(data, rows(220))
        assert export.main([str(run), "--output", str(tmp_path / "a")]) == 2
    finally:
        data.write_text(whole)
    assert map_.is_file()
    assert not (tmp_path / "a").exists()


def test_other_labels_in_the_same_folder_are_refused(
    run: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    map_ = place / "labels.toml"
    text = map_.read_text()
    arguments = ["--config", str(place / "run.yaml"), "--data", str(place / "mine.csv")]
    arguments += ["--label-map", str(map_), "--output", str(run)]
    try:
        map_.write_text(text.replace("fair_contact = 9", "fair_contact = 8"))
        assert train.main(arguments) == 2
    finally:
        map_.write_text(text)
    assert "other labels" in capsys.readouterr().err


def test_the_same_command_again_gives_the_same_numbers(
    run: Path, place: Path, tmp_path: Path
) -> None:
    shutil.copy(place / "labels.toml", tmp_path)
    arguments = ["--config", str(place / "run.yaml"), "--data", str(place / "mine.csv")]
    arguments += ["--label-map", str(place / "labels.toml"), "--output", str(tmp_path / "again")]
    assert train.main(arguments) == 0
    for name in ("dev_scores.json", "model/model.safetensors"):
        assert (tmp_path / "again" / name).read_bytes() == (run / name).read_bytes()


@pytest.mark.parametrize("kind", ["roberta", "ernie"])
def test_an_encoder_that_is_no_bert_goes_the_same_way(
    kind: str, place: Path, tmp_path: Path
) -> None:
    write_encoder(tmp_path / kind, kind)
    config = write_config(tmp_path / "run.yaml", base=str(tmp_path / kind))
    arguments = ["--config", str(config), "--data", str(place / "mine.csv")]
    arguments += ["--label-map", str(place / "labels.toml"), "--output", str(tmp_path / "run")]
    assert train.main(arguments) == 0
    network = model.any_encoder.load_network(tmp_path / "run" / "model")
    assert type(network).__name__ == "EncoderForSequenceClassification"
    artifact = tmp_path / "artifact"
    assert export.main([str(tmp_path / "run"), "--output", str(artifact)]) == 0
    verdicts = Classifier.load(artifact, threads=1).classify([text for text, _ in UNSEEN])
    assert [verdict.label for verdict in verdicts] == [label for _, label in UNSEEN]
    classify = transformers.pipeline("text-classification", model=str(artifact), top_k=None)
    [[best, *_]] = classify([UNSEEN[2][0]])
    assert best["label"] == "false_claim"


def test_an_encoder_that_reads_less_than_wanted_is_an_error_with_its_limit(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path / "c.yaml", base=str(place / "encoder"), max_tokens=128)
    arguments = ["--config", str(config), "--data", str(place / "mine.csv")]
    arguments += ["--label-map", str(place / "labels.toml"), "--output", str(tmp_path / "run")]
    assert train.main(arguments) == 2
    assert "reads 66 tokens at most" in capsys.readouterr().err


def test_a_student_learns_the_labels_of_its_teacher(
    run: Path, place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    teacher = {"teacher": str(run / "model"), "layers": [1], "soft_share": 1.0}
    config = write_config(tmp_path / "student.yaml", **teacher)
    data = ["--data", str(place / "mine.csv"), "--label-map", str(place / "labels.toml")]
    arguments = ["--config", str(config), *data, "--output", str(tmp_path / "student")]
    assert train.main(arguments) == 0
    scores = json.loads((tmp_path / "student" / "dev_scores.json").read_text())["average"]
    assert scores["macro_f1_five"] > 0.5
    # and nobody else's
    rows_of_ours = tmp_path / "ours.jsonl"
    rows_of_ours.write_text(
        "".join(
            json.dumps({"text": f"{word * 9}{label}", "label": label, "split": split}) + "\n"
            for split in ("train", "dev")
            for word in "甲乙丙"
            for label in ("lawful_reminder", "harassment", "threat_extortion", "privacy_disclosure")
        )
    )
    arguments = ["--config", str(config), "--data", str(rows_of_ours)]
    assert train.main([*arguments, "--output", str(tmp_path / "other")]) == 2
    assert "teacher: knows fair_contact" in capsys.readouterr().err


def test_every_problem_of_the_rows_is_printed_before_anything_is_trained(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("message,category\n,OK\npay,Ok\n")
    second.write_text("text,category\na,OK\n")
    arguments = ["--data", str(first), str(second), "--label-map", str(place / "labels.toml")]
    assert train.main([*arguments, "--output", str(tmp_path / "run")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"{first}:2", f"{first}:3", f"{second}:1"]
    assert 'put [values] "Ok" = "fair_contact" into the label map' in lines[1]
    assert not (tmp_path / "run").exists()
