"""The models that ship with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

DEFAULT_ARTIFACT: Final = Path(__file__).parent / "artifact"
SHIPPED: Final = {
    "default": DEFAULT_ARTIFACT,
    "accurate": DEFAULT_ARTIFACT,
    "fast": Path(__file__).parent / "fast",
}
"""Name -> folder. The default is the smallest model that loses next to nothing against the best, so
far the best itself, also called `accurate`; `fast` is smaller and quicker."""

ARTIFACT_HELP: Final = f"folder, or a model that ships: {', '.join(SHIPPED)}"
"""What a command says of an option that `artifact_folder` reads."""


def artifact_folder(name: str | Path | None = None) -> Path:
    """Return the folder of a shipped model by name, or the folder itself; None is the default.

    A name goes before a folder called the same: such a folder is meant by its full path.
    """
    if name is None:
        return DEFAULT_ARTIFACT
    return SHIPPED.get(str(name), Path(name))
