"""The network as a transformers class: its mathematics, and that plain transformers loads it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from data.labels import LABELS

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from model.network import (  # noqa: E402
    MODEL_TYPE,
    DunLensConfig,
    DunLensForSequenceClassification,
    register,
)

ROOT = Path(__file__).parents[2]
IDS = [[0, 5, 6, 7, 2], [0, 8, 9, 5, 2], [0, 7, 7, 3, 2]]


def tiny(**changes: object) -> DunLensForSequenceClassification:
    """Return a network of random weights, in evaluation mode."""
    torch.manual_seed(3)
    sizes = {
        "vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
        "intermediate_size": 32, "max_position_embeddings": 64, "pad_token_id": 1,
        "num_labels": 4, "initializer_range": 0.5,
    }  # fmt: skip
    return DunLensForSequenceClassification(DunLensConfig(**(sizes | changes))).eval()


@pytest.fixture
def network() -> DunLensForSequenceClassification:
    return tiny()


@pytest.mark.parametrize(("rows", "tokens"), [(1, 1), (1, 9), (3, 5), (7, 64)])
def test_logits_are_rows_by_labels(
    rows: int, tokens: int, network: DunLensForSequenceClassification
) -> None:
    out = network(torch.randint(3, 50, (rows, tokens)))
    assert out.logits.shape == (rows, 4)
    assert out.loss is None


def test_padding_changes_nothing(network: DunLensForSequenceClassification) -> None:
    ids = torch.tensor(IDS)
    padded = torch.nn.functional.pad(ids, (0, 11), value=1)
    mask = (padded != 1).long()
    with torch.no_grad():
        alone, among = network(ids).logits, network(padded, mask).logits
    torch.testing.assert_close(alone, among, atol=1e-5, rtol=0)


def test_texts_of_a_batch_do_not_see_each_other(network: DunLensForSequenceClassification) -> None:
    with torch.no_grad():
        batch = network(torch.tensor(IDS)).logits
        alone = torch.cat([network(torch.tensor([ids])).logits for ids in IDS])
    torch.testing.assert_close(batch, alone, atol=1e-5, rtol=0)


def test_every_token_counts_the_same_in_the_mean(network: DunLensForSequenceClassification) -> None:
    ids = torch.tensor(IDS)
    with torch.no_grad():
        states = network.bert(input_ids=ids).last_hidden_state
        expected = network.classifier(states.mean(dim=1))
        torch.testing.assert_close(network(ids).logits, expected)


def test_the_loss_is_the_mean_binary_cross_entropy(
    network: DunLensForSequenceClassification,
) -> None:
    goal = torch.tensor([[1.0, 0, 0, 1], [0, 0, 0, 0], [0.9, 0.1, 0.5, 0]])
    out = network(torch.tensor(IDS), labels=goal)
    p = out.logits.double().sigmoid()
    expected = -(goal * p.log() + (1 - goal) * (1 - p).log()).mean()
    assert out.loss.item() == pytest.approx(expected.item(), rel=1e-5)


def test_the_gradient_is_that_of_binary_cross_entropy(
    network: DunLensForSequenceClassification,
) -> None:
    goal = torch.tensor([[1, 0, 0, 1], [0, 0, 0, 0], [0, 1, 0, 0]])  # integers will do
    out = network(torch.tensor(IDS), labels=goal)
    out.loss.backward()
    expected = (out.logits.sigmoid() - goal).mean(dim=0) / 4
    torch.testing.assert_close(network.classifier.bias.grad, expected)
    assert network.bert.embeddings.word_embeddings.weight.grad.abs().sum() > 0


def test_dropout_acts_in_training_only() -> None:
    network, ids = tiny(hidden_dropout_prob=0.5), torch.tensor(IDS)
    with torch.no_grad():
        assert torch.equal(network(ids).logits, network(ids).logits)
        network.train()
        assert not torch.equal(network(ids).logits, network(ids).logits)


def test_a_plain_bert_folder_is_taken_as_encoder(tmp_path: Path) -> None:
    network = tiny()
    bert = transformers.BertModel(network.config, add_pooling_layer=False)
    transformers.BertConfig(**_plain(network.config.to_dict())).save_pretrained(tmp_path)
    bert.save_pretrained(tmp_path)
    loaded = DunLensForSequenceClassification.from_pretrained(tmp_path, num_labels=4)
    torch.testing.assert_close(loaded.bert.state_dict(), bert.state_dict())


def _plain(config: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in config.items() if name != "model_type"}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, toy_folder: Path) -> Path:
    """Return a folder as training writes it: config, safetensors, tokenizer."""
    folder = tmp_path_factory.mktemp("saved")
    names = dict(enumerate(LABELS))
    tiny(
        problem_type="multi_label_classification", id2label=names,
        label2id={name: index for index, name in names.items()},
    ).save_pretrained(folder)  # fmt: skip
    transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(toy_folder / "tokenizer.json"), bos_token="<s>", cls_token="<s>",
        eos_token="</s>", sep_token="</s>", pad_token="<pad>", unk_token="<unk>",
        model_input_names=["input_ids", "attention_mask"],
    ).save_pretrained(folder)  # fmt: skip
    return folder


def test_the_auto_class_loads_a_saved_folder(saved: Path) -> None:
    register()
    register()  # twice does no harm
    loaded, info = transformers.AutoModelForSequenceClassification.from_pretrained(
        saved, output_loading_info=True
    )
    assert isinstance(loaded, DunLensForSequenceClassification)
    assert not info["missing_keys"]
    assert not info["unexpected_keys"]
    assert loaded.config.model_type == MODEL_TYPE
    with torch.no_grad():
        torch.testing.assert_close(
            loaded(torch.tensor(IDS)).logits, tiny()(torch.tensor(IDS)).logits
        )


def test_the_auto_class_loads_the_encoder_alone(saved: Path) -> None:
    register()
    encoder = transformers.AutoModel.from_pretrained(saved)
    ids = torch.tensor(IDS)
    with torch.no_grad():
        torch.testing.assert_close(
            encoder(ids).last_hidden_state, tiny().bert(ids).last_hidden_state
        )


PIPELINE = """
import json, sys
{imports}
classify = transformers.pipeline("text-classification", model=sys.argv[1], top_k=None)
print(json.dumps(classify(["请还款", "砍死你"])))
"""


@pytest.mark.parametrize(
    "imports",
    [
        "import transformers, model",
        "import model, transformers",
        "import model.network, transformers",
        "import model, transformers; from transformers import BertModel",
    ],
    ids=["transformers first", "model first", "network first", "another model between"],
)
def test_pipeline_works_after_import_model(imports: str, saved: Path) -> None:
    rows = run_pipeline(imports, saved)
    expected = tiny()(tokenise(saved, "请还款")).logits[0].sigmoid().tolist()
    assert {row["label"] for row in rows[1]} == set(LABELS)
    found = {row["label"]: row["score"] for row in rows[0]}
    assert [found[label] for label in LABELS] == pytest.approx(expected, abs=1e-4)


def tokenise(folder: Path, text: str) -> torch.Tensor:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    return tokenizer(text, return_tensors="pt")["input_ids"]


def run_pipeline(imports: str, folder: Path) -> list[list[dict[str, object]]]:
    """Run the pipeline in a fresh interpreter, as a user of transformers would."""
    done = subprocess.run(
        [sys.executable, "-c", PIPELINE.format(imports=imports), str(folder)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows: list[list[dict[str, object]]] = json.loads(done.stdout.splitlines()[-1])
    return rows
