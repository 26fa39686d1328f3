"""``make audit``: known vulnerabilities, licences, SBOM, unsafe code, secrets, container file.

Writes into ``reports/audit/``: ``vulnerabilities.json`` (pip-audit of constraints.txt),
``licences.json`` and ``sbom.cdx.json`` (CycloneDX, of the environment that runs this). Exits with
1 where something is found, with 2 where all is well as far as could be checked, but the database
of vulnerabilities was not reached.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
OUT = ROOT / "reports" / "audit"
BIN = Path(sys.executable).parent
PACKAGES = ("data", "model", "training", "serve")
PINNED = ROOT / "constraints.txt"
SECRET_OPTIONS = (
    *("--exclude-files", r"^model/(artifact|fast)/.*\.json$"),  # hashes of files and runs
    *("--exclude-lines", r"机密内容|://[a-z]+:[^@\s]+@"),  # made up in tests
)
STRONG = ("AGPL", "GPLV", "GNU GENERAL", "GPL-", "SSPL")
"""Parts of the names of licences that would bind the whole product."""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a tool of this environment in the repository."""
    return subprocess.run(  # noqa: S603  commands of this file only
        [str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True
    )


def vulnerabilities() -> int:
    """Ask for known vulnerabilities of each pinned package; they must all be answered for."""
    done = run(
        *("pip-audit", "--requirement", str(PINNED), "--no-deps", "--disable-pip"),
        *("--format", "json", "--progress-spinner", "off", "--timeout", "10"),
    )
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        print(f"vulnerabilities: NOT CHECKED, pip-audit gave no result ({reason[:200]})")
        print("  it needs https://pypi.org; run make audit again with a connection")
        return 2
    (OUT / "vulnerabilities.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    skipped = [entry["name"] for entry in found if "skip_reason" in entry]
    bad = [entry for entry in found if entry.get("vulns")]
    for entry in bad:
        print(f"  {entry['name']} {entry['version']}: {[v['id'] for v in entry['vulns']]}")
    print(f"vulnerabilities: {len(bad)} packages of {len(found) - len(skipped)} checked")
    if skipped:
        print(f"  NOT CHECKED: {len(skipped)}, unknown to the index asked ({skipped[0]}, …);")
        print("  a mirror without vulnerability data gives this: use https://pypi.org")
    return 1 if bad else 2 if skipped else 0


def licences() -> int:
    """List the licence of every installed package; show those that bind strongly."""
    done = run("pip-licenses", "--format=json", "--with-urls", "--with-system")
    (OUT / "licences.json").write_text(done.stdout, encoding="utf-8")
    found = json.loads(done.stdout)
    strong = [entry for entry in found if is_strong(entry["License"])]
    print(f"licences: {len(found)} packages; strong copyleft: {len(strong)}")
    for entry in strong:
        print(f"  {entry['Name']} {entry['Version']}: {entry['License']}")
    return 1 if done.returncode else 0


def is_strong(licence: str) -> bool:
    """Return whether a licence leaves no choice but a strong copyleft."""
    choices = licence.upper().replace("LESSER GENERAL", "LESSER").split(" OR ")
    plain = [choice.replace("LGPL", "").replace("WITH GCC", "") for choice in choices]
    return all(any(name in choice for name in STRONG) for choice in plain)


def bill_of_materials() -> int:
    """Write the CycloneDX description of the environment."""
    done = run(
        *("cyclonedx-py", "environment", "--pyproject", "pyproject.toml"),
        *(
            "--output-reproducible",
            "--of",
            "JSON",
            "-o",
            str(OUT / "sbom.cdx.json"),
            sys.executable,
        ),
    )
    if done.returncode:
        print(f"SBOM: failed: {done.stderr[-300:]}")
        return 1
    parts = json.loads((OUT / "sbom.cdx.json").read_text(encoding="utf-8"))["components"]
    print(f"SBOM: {len(parts)} components")
    return 0


def told(name: str, *command: str) -> int:
    """Run a checker whose exit code says whether it has found something."""
    done = run(*command)
    print(f"{name}: {'something was found' if done.returncode else 'nothing found'}")
    if done.returncode:
        print(done.stdout[-3000:], done.stderr[-1000:])
    return 1 if done.returncode else 0


def main() -> int:
    """Run every check, print what each found, return the exit code."""
    OUT.mkdir(parents=True, exist_ok=True)
    tracked = subprocess.run(
        ["git", "ls-files"],  # noqa: S607  whichever git the developer uses
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    text = [
        name for name in tracked if not name.endswith((".safetensors", ".onnx", ".ttf", ".ttc"))
    ]
    results = [
        licences(),
        bill_of_materials(),
        told("bandit", "bandit", "-q", "-r", "-ll", "-c", "pyproject.toml", *PACKAGES),
        told("secrets", "detect-secrets-hook", *SECRET_OPTIONS, *text),
        told("Containerfile", "hadolint", "Containerfile"),
        vulnerabilities(),
    ]
    return 1 if 1 in results else max(results)


if __name__ == "__main__":
    raise SystemExit(main())
