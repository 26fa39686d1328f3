"""Push an artifact or a dataset folder to a Hub, and pull an artifact from one.

`dunlens push FOLDER OWNER/NAME [--dataset]`, `dunlens pull OWNER/NAME FOLDER`. The Hub is
huggingface.co, or the one that --endpoint or HF_ENDPOINT names; its token comes from HF_TOKEN or
`hf auth login`. Only safetensors, ONNX, JSON and Markdown are taken from a Hub, and only what the
artifact's own list of hashes names. Nothing here runs unless it is asked for. What is pushed says
where from: training.json names the files that a model was trained on.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import HfApi
from huggingface_hub.errors import HFValidationError

from model.manifest import MANIFEST, ArtifactError, read_manifest, verify

try:  # what huggingface_hub speaks HTTP with, by its version
    from httpx2 import HTTPError
except ImportError:
    from httpx import HTTPError  # type: ignore[assignment]

SUFFIXES = (".safetensors", ".onnx", ".json", ".md")
DATASET_FILES = ("README.md", "croissant.json")


def push(
    folder: Path,
    repo: str,
    *,
    dataset: bool = False,
    public: bool = False,
    revision: str | None = None,
    endpoint: str | None = None,
) -> str:
    """Make a repository of a folder's files, private unless `public`; return the commit's address.

    What the repository held and the folder does not is deleted from its new revision. Raises
    ArtifactError where the folder is no whole artifact (or dataset), HfHubHTTPError where the Hub
    refuses.
    """
    names, title = _dataset_files(folder) if dataset else _artifact_files(folder)
    api, kind = HfApi(endpoint=endpoint), "dataset" if dataset else "model"
    api.create_repo(repo, repo_type=kind, private=not public, exist_ok=True)
    if not public and not api.repo_info(repo, repo_type=kind).private:
        raise ArtifactError(f"{repo} is public: say --public to push to it")
    done = api.upload_folder(
        repo_id=repo,
        repo_type=kind,
        folder_path=folder,
        revision=revision,
        commit_message=title,
        allow_patterns=names,
        delete_patterns="*",
    )
    return str(done.commit_url)


def pull(
    repo: str, output: Path, *, revision: str | None = None, endpoint: str | None = None
) -> str:
    """Write a repository's artifact into `output`, replacing an earlier one; return its version.

    Every file is checked against the artifact's list of hashes before anything is replaced. Raises
    ArtifactError where it does not fit or names a file that may not be, FileExistsError where
    `output` holds something else, HfHubHTTPError where the Hub refuses.
    """
    if output.exists() and any(output.iterdir()) and not (output / MANIFEST).is_file():
        raise FileExistsError(f"{output} holds something else than an artifact; not replaced")
    api = HfApi(endpoint=endpoint)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent) as scratch:
        source, folder = Path(scratch) / "download", Path(scratch) / "artifact"
        # a name given once: a branch may move between two downloads
        commit = api.repo_info(repo, revision=revision).sha
        api.hf_hub_download(repo, MANIFEST, revision=commit, local_dir=source)
        version, files = read_manifest(source)
        for name in files:
            _check_name(name)
            api.hf_hub_download(repo, name, revision=commit, local_dir=source)
        verify(source, files, tuple(files))
        folder.mkdir()
        for name in (*files, MANIFEST):
            shutil.move(source / name, folder / name)
        shutil.rmtree(output, ignore_errors=True)
        os.replace(folder, output)
    return version


def _artifact_files(folder: Path) -> tuple[list[str], str]:
    """Return what to push of an artifact, and its version, after checking every hash."""
    version, files = read_manifest(folder)
    for name in files:
        _check_name(name)
    verify(folder, files, tuple(files))
    return [*files, MANIFEST], version


def _dataset_files(folder: Path) -> tuple[list[str], str]:
    missing = [name for name in DATASET_FILES if not (folder / name).is_file()]
    if missing:
        raise ArtifactError(f"{folder} is no dataset folder: {', '.join(missing)} is missing")
    paths = (path for path in folder.rglob("*") if path.is_file())
    names = sorted(path.relative_to(folder).as_posix() for path in paths)
    return [name for name in names if not name.startswith(".")], f"dataset {folder.name}"


def _check_name(name: str) -> None:
    if Path(name).name != name or not name.endswith(SUFFIXES):
        raise ArtifactError(f"{MANIFEST} lists {name}, which no artifact may hold")


def main(argv: Sequence[str] | None = None) -> int:
    """Run `push` or `pull`. Returns 0, or 2 for bad input or a Hub's refusal."""
    args = _parser().parse_args(argv)
    where = {"revision": args.revision, "endpoint": args.endpoint}
    try:
        if args.command == "push":
            kind = {"dataset": args.dataset, "public": args.public}
            print(push(args.folder, args.repo, **kind, **where))
        else:
            print(pull(args.repo, args.folder, **where))
    except (ArtifactError, HTTPError, HFValidationError, OSError) as error:
        print(error, file=sys.stderr)  # OSError: files, and a token that is not there
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dunlens",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("push", help="upload an artifact or a dataset folder")
    up.add_argument("folder", type=Path)
    up.add_argument("repo", metavar="OWNER/NAME")
    up.add_argument("--dataset", action="store_true", help="a folder of `python -m data.publish`")
    up.add_argument("--public", action="store_true", help="for everybody (default: private)")
    down = commands.add_parser("pull", help="download an artifact and check its hashes")
    down.add_argument("repo", metavar="OWNER/NAME")
    down.add_argument("folder", type=Path)
    for one in (up, down):
        one.add_argument("--revision", help="branch, tag or commit (default: main)")
        one.add_argument("--endpoint", help="address of another Hub (default: HF_ENDPOINT)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
