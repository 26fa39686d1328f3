"""Growth is measured on streams, and fitted as a power."""

import json
from pathlib import Path

import pytest

pytest.importorskip("scipy")

from model.classifier import TOKENIZER
from training import growth
from training.growth_series import rows_series, texts_of_length


def points(exponent: float) -> list[dict[str, float]]:
    return [{"at": n, "seconds": 0.5 * n**exponent, "peak_mib": 100} for n in (10, 100, 1000)]


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0])
def test_the_exponent_of_a_power_is_found_and_carried_on(exponent: float) -> None:
    line = growth.fit(points(exponent))
    assert line is not None
    assert line["exponent"] == pytest.approx(exponent)
    assert line["low"] <= line["exponent"] <= line["high"]
    assert growth.extrapolate(points(exponent), 10**6) == pytest.approx(0.5 * 10 ** (6 * exponent))


def test_two_points_make_no_line() -> None:
    assert growth.fit(points(1)[:2]) is None
    assert growth.extrapolate(points(1)[:2], 10**6) is None


def test_rows_stop_when_the_seconds_are_up(tiny_artifact: Path) -> None:
    found = rows_series(tiny_artifact, 1, [20, 60], 600)
    assert [point["at"] for point in found] == [20, 60]
    assert found[0]["seconds"] < found[1]["seconds"]
    (only,) = rows_series(tiny_artifact, 1, [5_000, 10_000], 1e-9)
    assert only["at"] < 5_000


def test_texts_have_the_tokens_that_were_asked_for(tiny_artifact: Path) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tiny_artifact / TOKENIZER))
    for tokens in (8, 100):
        texts = texts_of_length(tokenizer, tokens, 4)
        assert len(set(texts)) == 4
        for text in texts:
            found = len(tokenizer.encode(text, add_special_tokens=False).ids)
            assert found == pytest.approx(tokens, abs=2)


def test_the_command_writes_what_it_prints(
    tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workers = tmp_path / "workers.json"
    ray = [{"at": n, "seconds": 3.0 / n, "peak_mib": 200.0 * n} for n in (1, 2)]
    workers.write_text(json.dumps({"points": ray}))
    options = ["--rows", "10", "20", "40", "--lengths", "8", "16", "32", "--batch", "20"]
    files = ["--workers", str(workers), "--output", str(tmp_path)]
    assert growth.main(["--artifact", str(tiny_artifact), *options, *files]) == 0
    found = json.loads((tmp_path / "growth.json").read_text())
    assert [point["at"] for point in found["series"]["rows"]] == [10, 20, 40]
    assert found["series"]["workers"] == ray
    assert found["time"]["threads"] is None
    printed = capsys.readouterr().out
    assert "rows, extrapolated | 1000000" in printed
    assert (tmp_path / "growth.png").stat().st_size > 1000
