"""How many processors this process may really use: fewer than the machine has, in a container."""

from __future__ import annotations

import math
import os
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUPS = Path("/proc/self/cgroup")
CPUINFO = Path("/proc/cpuinfo")
ISA_LIMITS = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA")


def available_threads() -> int:
    """Return the processors that affinity and the control group's CPU quota leave, 1 at least."""
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = cpu_quota()
    return own if quota is None else max(1, min(own, math.ceil(quota)))


def has_vnni(cpuinfo: Path = CPUINFO) -> bool:
    """Return whether the processor multiplies int8 in 512 bits (AVX-512 VNNI), and may do so."""
    if any(os.environ.get(name) for name in ISA_LIMITS):
        return False
    return "avx512_vnni" in (_read(cpuinfo) or "").split()


def cpu_quota(root: Path = CGROUPS, own: Path = OWN_CGROUPS) -> float | None:
    """Return the least CPU quota, in processors, of this process's groups; None for no limit.

    Reads `cpu.max` (cgroup v2) and `cpu.cfs_quota_us` (v1) of the process's group and of all above
    it. In a container the group's path may be the host's: then only the root is there to read.
    """
    found = [quota for folder in _folders(root, own) if (quota := _quota(folder)) is not None]
    return min(found, default=None)


def _folders(root: Path, own: Path) -> list[Path]:
    folders = {root, root / "cpu", root / "cpu,cpuacct"}
    for line in (_read(own) or "").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        base = root / controllers if controllers else root
        parts = [part for part in path.split("/") if part not in ("", "..")]
        folders |= {base.joinpath(*parts[:depth]) for depth in range(len(parts) + 1)}
    return sorted(folders)


def _quota(folder: Path) -> float | None:
    line = _read(folder / "cpu.max")  # "200000 100000" or "max 100000"
    if line is None:
        line = f"{_read(folder / 'cpu.cfs_quota_us')} {_read(folder / 'cpu.cfs_period_us')}"
    quota, _, period = line.partition(" ")
    try:
        limit = int(quota) / int(period)
    except (ValueError, ZeroDivisionError):
        return None
    return limit if limit > 0 else None  # -1: no limit


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
