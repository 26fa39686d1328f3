"""Let transformers' `pipeline` find the network after `import model`, in either order of imports.

Serving must not import torch, so nothing heavy is imported here: the network is registered at once
where transformers is loaded already, and else right after `transformers.pipelines` is. (The auto
classes' own module would be too early: it is imported half-way through that of BERT, on which the
network builds.) Whoever wants the auto classes without a pipeline imports `model.network`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

PIPELINES = "transformers.pipelines"


def register_when_wanted() -> None:
    """Register the network now or when pipelines are imported; do nothing without torch."""
    if "transformers" in sys.modules:
        _register()
    elif not any(isinstance(finder, _AfterPipelines) for finder in sys.meta_path):
        sys.meta_path.insert(0, _AfterPipelines())


def _register() -> None:
    if find_spec("torch") is not None:
        importlib.import_module("model.any_encoder")  # which brings model.network with it


class _AfterPipelines(MetaPathFinder):
    """Finds nothing itself; adds a step to the import of `transformers.pipelines`, once."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != PIPELINES:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def run_and_register(module: ModuleType) -> None:
            run(module)
            _register()

        spec.loader.exec_module = run_and_register  # type: ignore[method-assign]
        return spec
