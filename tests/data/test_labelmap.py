"""A label scheme declared in TOML, and what of it is refused."""

from pathlib import Path

import pytest

from data.labelmap import LabelMap, LabelMapError, read_label_map
from data.labels import CLASSES, GRAVITY, LABELS, UNLAWFUL
from data.scheme import DEFAULT, SCHEME, Scheme, default_costs

TWO = """\
name = "two"
[[labels]]
name = "fair"
zh = "合规"
en = "fair contact"
unlawful = false
[[labels]]
name = "pressure"
zh = "施压"
en = "pressure"
unlawful = true
[none]
name = "other"
zh = "其他"
en = "other"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "labels.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_default_scheme_is_that_of_the_labels() -> None:
    assert (DEFAULT.labels, DEFAULT.classes, DEFAULT.unlawful) == (LABELS, CLASSES, UNLAWFUL)
    assert DEFAULT.gravity == GRAVITY
    assert DEFAULT.is_default
    assert DEFAULT.costs == (
        (0, 2, 2, 2, 1),
        (4, 0, 1, 1, 3),
        (4, 2, 0, 2, 3),
        (4, 2, 1, 0, 3),
        (1, 6, 6, 6, 0),
    )


def test_a_scheme_is_read_with_its_order_names_and_costs(tmp_path: Path) -> None:
    scheme = read_label_map(written(tmp_path, TWO)).scheme
    assert scheme.classes == ("fair", "pressure", "other")
    assert scheme.unlawful == ("pressure",)
    assert scheme.gravity == ("pressure", "fair")  # unlawful ones first, unless stated
    assert (scheme.zh["pressure"], scheme.en["other"]) == ("施压", "other")
    assert scheme.costs == ((0, 2, 1), (4, 0, 3), (1, 6, 0))
    assert not scheme.is_default


def test_stated_costs_take_the_place_of_the_rule(tmp_path: Path) -> None:
    text = TWO + "[costs.pressure]\nfair = 9.5\n"
    assert read_label_map(written(tmp_path, text)).scheme.costs == (
        (0, 2, 1),
        (9.5, 0, 3),
        (1, 6, 0),
    )


def test_the_cost_of_a_name_depends_on_which_is_graver() -> None:
    costs = default_costs(("a", "b"), ("a", "b"), ("b", "a"))
    assert costs == ((0, 1, 3), (2, 0, 3), (6, 6, 0))


def test_without_labels_only_columns_and_values_are_read(tmp_path: Path) -> None:
    text = '[data]\ntext = "正文"\n[values]\n"威胁" = "threat_extortion"\n'
    found = read_label_map(written(tmp_path, text))
    assert found.scheme == DEFAULT
    assert found.columns.text == "正文"
    assert found.meaning(" 威胁 ") == "threat_extortion"
    assert found.meaning("harassment") == "harassment"
    assert found.meaning("哈") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TWO.replace("unlawful = true", ""), "labels.1.unlawful"),
        (TWO.replace('name = "pressure"', 'name = "施压"'), "labels.1.name"),
        (TWO.replace('name = "pressure"', 'name = "fair"'), "'fair' is given twice"),
        (TWO.replace('name = "other"', 'name = "fair"'), "'fair' is given twice"),
        (TWO.split("[none]")[0], "labels, none: give both"),
        ('gravity = ["fair"]\n' + TWO, "gravity: must name each label once"),
        (TWO + "[costs.gone]\nfair = 1\n", "costs: 'gone' is no label"),
        (TWO + "[costs.fair]\nfair = 1\n", "a right answer costs 0"),
        (TWO + "[costs.fair]\nother = -1\n", "costs.fair.other"),
        (TWO + '[values]\nok = "fine"\n', "values: 'fine' is no label"),
        (TWO + '[data]\ntexts = "a"\n', "data.texts"),
        ("= 1", "labels.toml"),
    ],
)
def test_what_is_wrong_is_named(text: str, message: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(LabelMapError) as caught:
        read_label_map(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_every_bad_field_is_listed_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, 'name = ""\n[[labels]]\nname = "a"\n[data]\nseparator = ""\n')
    with pytest.raises(LabelMapError) as caught:
        read_label_map(path)
    assert len(str(caught.value).splitlines()) == 5


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelMapError, match=r"gone\.toml"):
        read_label_map(tmp_path / "gone.toml")


def test_a_scheme_is_saved_and_comes_back(tmp_path: Path) -> None:
    scheme = read_label_map(written(tmp_path, TWO)).scheme
    scheme.save(tmp_path)
    assert Scheme.load(tmp_path) == scheme


def test_the_default_scheme_leaves_no_file(tmp_path: Path) -> None:
    DEFAULT.save(tmp_path)
    assert not (tmp_path / SCHEME).exists()
    assert Scheme.load(tmp_path) == DEFAULT
    assert LabelMap().scheme == DEFAULT


@pytest.mark.parametrize(
    ("old", "new"),
    [('"format": 1', '"format": 2'), ('"pressure"', '"gone"'), ('"costs"', '"cost"'), ("{", "")],
)
def test_a_damaged_file_is_refused_by_name(old: str, new: str, tmp_path: Path) -> None:
    read_label_map(written(tmp_path, TWO)).scheme.save(tmp_path)
    path = tmp_path / SCHEME
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=r"labels\.json is damaged"):
        Scheme.load(tmp_path)


def test_targets_are_those_of_the_labels_in_order() -> None:
    assert DEFAULT.targets("harassment", ["privacy_disclosure"]) == (0, 1, 0, 1)
    assert DEFAULT.targets("out_of_scope") == (0, 0, 0, 0)
    for label, also in [("gone", ()), ("harassment", ("gone",)), ("out_of_scope", ("harassment",))]:
        with pytest.raises(ValueError, match=r"label|also"):
            DEFAULT.targets(label, also)


def test_the_committed_example_is_good() -> None:
    path = Path(__file__).parents[2] / "training" / "configs" / "labels_example.toml"
    found = read_label_map(path)
    assert found.scheme.gravity[0] == "false_claim"
    assert found.meaning("OK") == "fair_contact"
    assert found.scheme.costs[1][0] == 5
