"""Coverage-guided fuzzing of everything that reads bytes from outside.

``python tests/serve/trust/guided.py upload book --seconds 180`` mutates the seeds of each target
of ``parsers.py`` so as to reach new branches of our code, until the time is up or an input raises
or takes longer than ten seconds; such an input is left in `--found`. All targets where none is
named. Exits with 1 where anything was found. Needs the extra ``[fuzz]``. Method: libFuzzer
through Atheris.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
INSTRUMENTED = ("data", "model.manifest", "serve", "csv", "json", "tomllib", "python_multipart")
LIMITS = ("-timeout=10", "-rss_limit_mb=3072", "-max_len=16384", "-print_final_stats=1")


def fuzz(target: str, seconds: int, found: Path) -> None:
    """Fuzz one target; does not return: libFuzzer ends the process."""
    import atheris

    sys.path.insert(0, str(HERE.parents[2]))
    with atheris.instrument_imports(include=list(INSTRUMENTED)):
        from parsers import TARGETS, seeds
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds(target)):
            (Path(corpus) / str(number)).write_bytes(seed)
        prefix = f"-artifact_prefix={found}/{target}-"
        options = [*LIMITS, f"-max_total_time={seconds}", prefix]
        atheris.Setup([sys.argv[0], *options, corpus], TARGETS[target])
        atheris.Fuzz()


def main() -> int:
    """Fuzz each target in a process of its own; print its figures and what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=180, help="of each target")
    parser.add_argument("--found", type=Path, default=Path("reports/fuzz"))
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        fuzz(options.targets[0], options.seconds, options.found)
    sys.path.insert(0, str(HERE.parent))
    from parsers import TARGETS

    options.found.mkdir(parents=True, exist_ok=True)
    failed = False
    for target in options.targets or TARGETS:
        command = [sys.executable, __file__, target, "--here", "--seconds", str(options.seconds)]
        done = subprocess.run([*command, "--found", options.found], capture_output=True, text=True)
        lines = done.stderr.splitlines()
        runs = next((line.split()[-1] for line in lines if "number_of_executed_units" in line), "?")
        covered = [line.split("cov: ")[1].split()[0] for line in lines if "cov: " in line]
        print(f"{target:10} {runs:>8} inputs, {covered[-1] if covered else '?'} branches: ", end="")
        print("nothing found" if done.returncode == 0 else "FOUND", flush=True)
        if done.returncode:
            failed = True
            print(done.stdout[-2000:], done.stderr[-2000:])
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
