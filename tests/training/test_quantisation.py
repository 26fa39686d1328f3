"""Other ways to quantise are measured beside the shipped one."""

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")

from training import quantisation


def test_each_way_is_timed_and_compared_with_fp32(
    tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "quantisation.json"
    options = ["--rows", "12", "--timed", "6", "--examples", "3", "--rounds", "2"]
    assert (
        quantisation.main(["--artifact", str(tiny_artifact), "--output", str(output), *options])
        == 0
    )
    found = json.loads(output.read_text(encoding="utf-8"))
    assert set(found) == {"onnx", "openvino"}
    for ways in found.values():
        shipped, *others = ways.values()
        assert shipped["times"] == [1, 1]
        assert len(others) == 6
        assert all(len(way["times"]) == 2 and way["sets"]["dev"]["n"] == 12 for way in others)
        assert shipped["sets"]["dev"]["share"] >= 11 / 12
    assert "onnx: blocks of 32 (shipped)" in capsys.readouterr().out
