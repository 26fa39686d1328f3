"""The CPU quota of control groups of both versions, read from files like the kernel's."""

import os
from pathlib import Path

import pytest

from model import processors
from model.processors import available_threads, cpu_quota, has_vnni


def group(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("cpu_", "cpu.", 1)).write_text(content + "\n")
    return folder


def own(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "own"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    ("content", "quota"),
    [
        ("200000 100000", 2.0),
        ("max 100000", None),
        ("50000 100000", 0.5),
        ("", None),
        ("x y", None),
    ],
)
def test_version_two(content: str, quota: float | None, tmp_path: Path) -> None:
    root = group(tmp_path / "cgroup", cpu_max=content)
    assert cpu_quota(root, own(tmp_path, "0::/")) == quota


@pytest.mark.parametrize(("content", "quota"), [("300000", 3.0), ("-1", None), ("150000", 1.5)])
@pytest.mark.parametrize("controller", ["cpu", "cpu,cpuacct"])
def test_version_one(controller: str, content: str, quota: float | None, tmp_path: Path) -> None:
    root = tmp_path / "cgroup"
    group(root / controller / "job", cpu_cfs_quota_us=content, cpu_cfs_period_us="100000")
    assert cpu_quota(root, own(tmp_path, "9:memory:/x", f"3:{controller}:/job")) == quota


def test_the_least_quota_of_the_group_and_those_above_it_holds(tmp_path: Path) -> None:
    root = tmp_path / "cgroup"
    group(root / "pod", cpu_max="150000 100000")
    group(root / "pod" / "job", cpu_max="400000 100000")
    group(root / "other", cpu_max="10000 100000")
    assert cpu_quota(root, own(tmp_path, "0::/pod/job")) == 1.5


def test_a_path_of_the_host_leaves_the_root_to_read(tmp_path: Path) -> None:
    root = group(tmp_path / "cgroup", cpu_max="100000 100000")
    assert cpu_quota(root, own(tmp_path, "0::/../kubepods/x")) == 1.0
    assert cpu_quota(tmp_path / "none", tmp_path / "nothing") is None


@pytest.mark.parametrize(("quota", "threads"), [(None, 8), (2.0, 2), (1.5, 2), (0.5, 1), (64.0, 8)])
def test_threads_are_the_least_of_affinity_and_quota(
    quota: float | None, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(processors, "cpu_quota", lambda: quota)
    assert available_threads() == threads


@pytest.mark.parametrize(
    ("flags", "limit", "has"),
    [
        ("fpu avx2 avx512f avx512_vnni", "", True),
        ("fpu avx2 avx_vnni", "", False),
        ("fpu avx512_vnni", "AVX2", False),
    ],
)
def test_int8_products_are_the_processors_unless_switched_off(
    flags: str, limit: str, has: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", limit)
    monkeypatch.delenv("DNNL_MAX_CPU_ISA", raising=False)
    assert has_vnni(tmp_path / "cpuinfo") == has
    assert not has_vnni(tmp_path / "none")
