import pytest

from data.labels import CLASSES, GRAVITY, LABEL_EN, LABEL_ZH, LABELS, UNLAWFUL, targets


def test_names_agree() -> None:
    assert set(GRAVITY) == set(LABELS)
    assert set(LABELS) - set(UNLAWFUL) == {"lawful_reminder"}
    assert LABEL_ZH.keys() == LABEL_EN.keys() == set(CLASSES)


@pytest.mark.parametrize(
    ("label", "also", "expected"),
    [
        ("lawful_reminder", [], (1, 0, 0, 0)),
        ("out_of_scope", [], (0, 0, 0, 0)),
        ("threat_extortion", ["privacy_disclosure", "harassment"], (0, 1, 1, 1)),
    ],
)
def test_targets_hold_label_and_also(
    label: str, also: list[str], expected: tuple[int, int, int, int]
) -> None:
    assert targets(label, also) == expected


@pytest.mark.parametrize(
    ("label", "also", "message"),
    [
        ("threat", [], "threat"),
        ("harassment", ["out_of_scope"], "out_of_scope"),
        ("out_of_scope", ["harassment"], "no other label"),
    ],
)
def test_targets_refuse_what_the_guide_excludes(label: str, also: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        targets(label, also)
