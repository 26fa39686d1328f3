"""A student made from the tiny run's model, through the same training command."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError
from tiny import CONFIG, corpus_rows, use_toy_rows

from data.scheme import DEFAULT
from training.config import ConfigError, TrainConfig

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from model.network import DunLensForSequenceClassification  # noqa: E402
from training import train as training  # noqa: E402
from training.distil import mixed_targets, student_of, teacher_probabilities  # noqa: E402
from training.state import average_weights, start_state  # noqa: E402


def distilled(tiny_run: Path, folder: Path, patch: pytest.MonkeyPatch, **change: object) -> Path:
    """Train a student of one layer in which the labels count for nothing."""
    use_toy_rows(patch, "training.train")
    values = {"teacher": tiny_run / "model", "layers": [1], "seeds": [1], "soft_share": 1.0}
    training.train(CONFIG.model_copy(update=values | change), folder)
    return folder


def test_a_student_starts_from_the_layers_it_keeps(tiny_run: Path) -> None:
    teacher = DunLensForSequenceClassification.from_pretrained(tiny_run / "model")
    student = student_of(tiny_run / "model", [1], 0.1)
    assert student.config.num_hidden_layers == len(student.bert.encoder.layer) == 1
    kept, given = student.bert.encoder.layer[0], teacher.bert.encoder.layer[1]
    for name, value in kept.state_dict().items():
        assert torch.equal(value, given.state_dict()[name])


def test_a_layer_that_the_teacher_lacks_is_named(tiny_run: Path) -> None:
    with pytest.raises(ConfigError, match=r"has 2 layers, no layer 7"):
        student_of(tiny_run / "model", [0, 7], 0.1)


def test_a_student_learns_from_the_teacher_alone(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = distilled(tiny_run, tmp_path / "student", monkeypatch)
    scores = json.loads((folder / "dev_scores.json").read_text())["average"]
    # whoever always answers one of the five classes of equal size gets 0.07
    assert scores["macro_f1_five"] > 0.6
    config = json.loads((folder / "model" / "config.json").read_text())
    assert config["num_hidden_layers"] == 1
    assert len(json.loads((folder / "environment.json").read_text())["teacher"]) == 64


def test_a_student_may_begin_with_another_students_layers(tiny_run: Path, tmp_path: Path) -> None:
    begun = student_of(tiny_run / "model", [1], 0.0)
    with torch.no_grad():
        begun.bert.encoder.layer[0].output.dense.bias.fill_(7.0)
    begun.save_pretrained(tmp_path / "begun")
    values = {"teacher": tiny_run / "model", "start": tmp_path / "begun", "layers": None}
    state = start_state(CONFIG.model_copy(update=values), 8, DEFAULT, torch.device("cpu"))
    (layer,) = state.network.bert.encoder.layer
    assert layer.output.dense.bias.eq(7.0).all()
    with pytest.raises(ValidationError, match="give a teacher"):
        TrainConfig(start=tmp_path)


def test_the_teacher_has_its_share_in_the_students_weights(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"layers": None, "teacher_share": 0.75}
    folder = distilled(tiny_run, tmp_path / "run", monkeypatch, **values)

    def weights(model: Path) -> torch.Tensor:
        network = DunLensForSequenceClassification.from_pretrained(model)
        return torch.cat([one.detach().flatten().float() for one in network.parameters()])

    taught = weights(folder / "seed-1" / "best")
    teacher, student = weights(tiny_run / "model"), weights(folder / "model")
    assert not torch.allclose(taught, teacher)
    torch.testing.assert_close(student, 0.75 * teacher + 0.25 * taught)
    with pytest.raises(ValidationError, match="teacher_share: needs a teacher"):
        TrainConfig(teacher=tiny_run / "model", layers=[1], teacher_share=0.75)


def test_an_average_leaves_the_networks_as_they_are(tiny_run: Path) -> None:
    one, two = (student_of(tiny_run / "model", None, 0.0) for _ in range(2))
    with torch.no_grad():
        two.classifier.bias.add_(2.0)
    before = one.classifier.bias.clone()
    mean = average_weights([one, two])
    assert torch.equal(one.classifier.bias, before)
    torch.testing.assert_close(mean.classifier.bias, before + 1.0)


def test_of_several_teachers_the_mean_is_taught(tiny_run: Path, tmp_path: Path) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_run / "model")
    other = DunLensForSequenceClassification.from_pretrained(tiny_run / "model")
    with torch.no_grad():
        other.classifier.bias.add_(2.0)
    other.save_pretrained(tmp_path / "other")
    tokenizer.save_pretrained(tmp_path / "other")
    rows = corpus_rows(20, 5)

    def soft(**teachers: object) -> torch.Tensor:
        found = teacher_probabilities(CONFIG.model_copy(update=teachers), tokenizer, rows)
        assert found is not None
        return found

    one, two = soft(teacher=tiny_run / "model"), soft(teacher=tmp_path / "other")
    both = soft(teacher=tiny_run / "model", more_teachers=[tmp_path / "other"])
    assert not torch.allclose(one, two)
    torch.testing.assert_close(both, (one + two) / 2)
    transformers.AutoTokenizer.from_pretrained(tiny_run / "model").train_new_from_iterator(
        ["别的词表"], 300
    ).save_pretrained(tmp_path / "other")
    with pytest.raises(ConfigError, match=r"more_teachers: .*other has another vocabulary"):
        soft(teacher=tiny_run / "model", more_teachers=[tmp_path / "other"])
    with pytest.raises(ValidationError, match="more_teachers: stand beside a teacher"):
        TrainConfig(more_teachers=[tmp_path])


def test_of_a_text_without_label_the_teacher_alone_speaks() -> None:
    goal = torch.tensor([[0.0, 1.0], [torch.nan, torch.nan]])
    soft = torch.tensor([[0.5, 0.5], [0.2, 0.7]])
    mixed = mixed_targets(goal, soft, 0.5)
    torch.testing.assert_close(mixed, torch.tensor([[0.25, 0.75], [0.2, 0.7]]))


def test_a_student_reads_texts_without_labels(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = tmp_path / "texts.jsonl"
    texts.write_text("".join(f'{{"text": "第{n}条文本"}}\n' for n in range(30)), encoding="utf-8")
    folder = distilled(
        tiny_run, tmp_path / "student", monkeypatch, epochs=1, unlabelled=[texts], swap_share=0.5
    )
    record = json.loads((folder / "environment.json").read_text())
    assert record["train"]["rows"] == CONFIG.limit + 30
    (line,) = (folder / "log.jsonl").read_text().splitlines()
    assert 0 < json.loads(line)["loss"] < 10  # no NaN


def test_a_run_is_not_gone_on_with_under_another_teacher(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = distilled(tiny_run, tmp_path / "student", monkeypatch, epochs=1)
    with pytest.raises(FileExistsError, match="another configuration"):
        distilled(folder, folder, monkeypatch, epochs=1)


def test_the_teachers_probabilities_are_in_the_order_of_the_rows(tiny_run: Path) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_run / "model")
    config = CONFIG.model_copy(update={"teacher": tiny_run / "model"})
    rows = corpus_rows(40, 5)
    soft = teacher_probabilities(config, tokenizer, rows)
    assert soft is not None
    assert soft.shape == (40, 4)
    torch.testing.assert_close(
        soft.flip(0), teacher_probabilities(config, tokenizer, rows[::-1]), atol=0.02, rtol=0
    )
    assert teacher_probabilities(CONFIG, tokenizer, rows) is None
