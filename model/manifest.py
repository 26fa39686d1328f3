"""The artifact's list of files and hashes: what is loaded is what was released."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

MANIFEST = "manifest.json"
# Written about the model, after it: they do not make another version.
DOCUMENTS = ("README.md", "metrics.json", "training.json")


class ArtifactError(RuntimeError):
    """The model artifact is missing or damaged; the message names file and expected hash."""


def sha256(path: Path) -> str:
    """Return the file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path, name: str) -> None:
    """List every file of the folder with its hash; the version is `name` plus the list's digest."""
    files = {
        path.name: sha256(path)
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != MANIFEST
    }
    model = {file: hashed for file, hashed in files.items() if file not in DOCUMENTS}
    digest = hashlib.sha256(json.dumps(model, sort_keys=True).encode()).hexdigest()[:8]
    manifest = {"version": f"{name}+{digest}", "files": files}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> tuple[str, dict[str, str]]:
    """Return the artifact's version and the expected hash of each file.

    Raises ArtifactError where there is no readable manifest.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        files = {str(name): str(hashed) for name, hashed in manifest["files"].items()}
        return str(manifest["version"]), files
    except FileNotFoundError:
        raise ArtifactError(f"{path} is missing: {folder} is no model artifact") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ArtifactError(f"{path} is damaged: {error}") from error


def verify(folder: Path, files: dict[str, str], names: tuple[str, ...]) -> None:
    """Check the hash of each named file. Raises ArtifactError on the first that differs."""
    for name in names:
        path, expected = folder / name, files.get(name)
        if expected is None:
            raise ArtifactError(f"{folder / MANIFEST} does not list {name}")
        if not path.is_file():
            raise ArtifactError(f"{path} is missing (expected SHA-256 {expected})")
        if (found := sha256(path)) != expected:
            raise ArtifactError(f"{path} is damaged: SHA-256 {found}, expected {expected}")
