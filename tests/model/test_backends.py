"""Which backend is opened; and that both give one text one answer whatever is around it."""

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from model import Classifier, backends, backends_openvino
from model.backends import Backend, BackendError, OnnxBackend, SideBySide, open_backend
from model.backends_openvino import OpenVinoBackend
from model.classifier import GRAPH

Opener = Callable[[Path, int], Backend]
EACH = pytest.mark.parametrize("opener", [OnnxBackend, OpenVinoBackend])


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("DUNLENS_BACKEND", raising=False)


def test_openvino_goes_first_where_it_is_installed(
    toy_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends, "has_vnni", lambda: True)
    graph = toy_folder / GRAPH
    assert open_backend(graph).name == "openvino"
    assert open_backend(graph, name="onnx").name == "onnx"
    monkeypatch.setenv("DUNLENS_BACKEND", "onnx")
    assert open_backend(graph).name == "onnx"
    assert Classifier.load(toy_folder).backend == "onnx"
    assert Classifier.load(toy_folder, backend="openvino").backend == "openvino"
    monkeypatch.setenv("DUNLENS_BACKEND", "")
    assert open_backend(graph).name == "openvino"


def test_without_openvino_there_is_onnx_runtime(
    toy_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda _: None)
    assert open_backend(toy_folder / GRAPH).name == "onnx"
    with pytest.raises(BackendError, match=r"pip install 'dunlens\[fast\]'"):
        open_backend(toy_folder / GRAPH, name="openvino")


def test_openvino_is_not_chosen_for_a_processor_that_it_was_not_tried_on(
    toy_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends, "has_vnni", lambda: False)
    assert open_backend(toy_folder / GRAPH).name == "onnx"


def test_an_unknown_name_is_refused(toy_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUNLENS_BACKEND", "tensorrt")
    with pytest.raises(BackendError, match=r"'tensorrt'.*auto, onnx, openvino"):
        open_backend(toy_folder / GRAPH)


@EACH
def test_rows_come_in_the_order_of_the_texts(opener: Opener, toy_folder: Path) -> None:
    batch = [[0, *range(5, 5 + n), 2] for n in (3, 1, 9, 3, 1, 4)]
    one, two = opener(toy_folder / GRAPH, 1), opener(toy_folder / GRAPH, 2)
    expected = np.concatenate([one.logits([ids]) for ids in batch])
    for backend in (one, two):
        np.testing.assert_array_equal(backend.logits(batch), expected)
        np.testing.assert_array_equal(backend.logits(batch[::-1]), expected[::-1])
    assert one.logits([]).shape[0] == 0


@EACH
def test_many_threads_may_ask_at_once(opener: Opener, toy_folder: Path) -> None:
    backend = opener(toy_folder / GRAPH, 2)
    texts = [[0, 5 + n % 3, *range(6, 6 + n % 7), 2] for n in range(40)]
    expected = [backend.logits([ids])[0] for ids in texts]
    found: dict[int, np.ndarray] = {}

    def ask(number: int) -> None:
        found[number] = backend.logits(texts)

    threads = [threading.Thread(target=ask, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 6
    for rows in found.values():
        np.testing.assert_array_equal(rows, expected)


def test_the_first_batch_of_a_process_does_not_hang(toy_folder: Path) -> None:
    # without the preparation in backends_openvino, 8 of 10 processes waited for ever on one core
    code = (
        "import pathlib, sys; from model.backends_openvino import OpenVinoBackend as Backend;"
        "Backend(pathlib.Path(sys.argv[1]), 2).logits([[0, *range(5, 5 + n), 2] for n in range(9)])"
    )
    for _ in range(4):
        subprocess.run([sys.executable, "-c", code, toy_folder / GRAPH], check=True, timeout=60)


def test_another_graph_at_the_same_path_is_another_graph(toy_folder: Path, tmp_path: Path) -> None:
    path, ids = tmp_path / GRAPH, [[0, 5, 2]]
    content = (toy_folder / GRAPH).read_bytes()
    path.write_bytes(content)
    first = OpenVinoBackend(path, 1).logits(ids)
    six = np.float32(6.0).tobytes()
    path.write_bytes(content.replace(six, np.float32(7.0).tobytes()))
    second = OpenVinoBackend(path, 1).logits(ids)
    np.testing.assert_array_equal(second, OnnxBackend(path, 1).logits(ids))
    assert (first != second).any()


def test_a_compiled_graph_is_kept_private_and_mended(toy_folder: Path, tmp_path: Path) -> None:
    expected = OpenVinoBackend(toy_folder / GRAPH, 1).logits([[0, 5, 2]])
    (folder,) = (tmp_path / "cache" / "dunlens" / "openvino").iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    (blob,) = folder.iterdir()
    blob.chmod(0o600)
    blob.write_bytes(blob.read_bytes()[:100])
    np.testing.assert_array_equal(
        OpenVinoBackend(toy_folder / GRAPH, 1).logits([[0, 5, 2]]), expected
    )


def test_without_a_place_for_it_nothing_is_kept(
    toy_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert backends_openvino._cache_of(toy_folder / GRAPH) is None
    assert OpenVinoBackend(toy_folder / GRAPH, 1).logits([[0, 5, 2]]).shape == (1, 4)


def test_a_short_call_does_not_wait_for_a_long_one() -> None:
    """One queue for all callers would have it wait behind whatever came before."""
    side_by_side, gate, begun = SideBySide(2), threading.Event(), threading.Event()

    def wait(_item: int) -> bool:
        begun.set()
        return gate.wait(20)

    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(side_by_side, wait, range(8))
        assert begun.wait(20)
        assert side_by_side(str, range(4)) == ["0", "1", "2", "3"]
        assert not long.done()
        gate.set()
        assert long.result(20) == [True] * 8
