"""How many grading processes a machine takes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.grading import jobs
from autograder.grading.jobs import usable_jobs
from autograder.spec import Limits

EACH = 700 + 300  # MiB: its own, and what a submission may take
LIMITS = Limits(memory_mib=300)


def test_as_many_as_are_asked_for_where_memory_allows() -> None:
    said: list[str] = []

    assert usable_jobs(4, LIMITS, said.append, free_mib=4 * EACH) == 4
    assert said == []


def test_one_for_each_core_that_may_be_used_where_none_are_asked_for() -> None:
    cores = len(os.sched_getaffinity(0))

    assert usable_jobs(None, LIMITS, lambda text: None, free_mib=1e9) == cores


def test_memory_lowers_them_with_a_notice_that_says_by_how_much_and_why() -> None:
    said: list[str] = []

    assert usable_jobs(4, LIMITS, said.append, free_mib=2.5 * EACH) == 2

    assert said == ["2 of 4 jobs: each may take 1000 MiB of memory, and 2500 MiB are free"]


@pytest.mark.parametrize("free_mib", [0.0, -100.0, EACH - 1.0])
def test_there_is_always_one(free_mib: float) -> None:
    assert usable_jobs(2, LIMITS, lambda text: None, free_mib) == 1
    assert usable_jobs(1, LIMITS, lambda text: None, free_mib) == 1


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with memory for four, whose container is yet to be described."""
    (tmp_path / "meminfo").write_text(f"MemTotal: 9 kB\nMemAvailable: {4 * EACH * 1024} kB\n")
    monkeypatch.setattr(jobs, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(jobs, "_CGROUP", tmp_path)
    return tmp_path


def test_memory_that_is_available_counts(machine: Path) -> None:
    assert usable_jobs(9, LIMITS, lambda text: None) == 4


def test_a_containers_limit_counts_where_that_is_less(machine: Path) -> None:
    (machine / "memory.max").write_text(f"{3 * EACH * 2**20}\n")
    (machine / "memory.current").write_text(f"{EACH * 2**20}\n")

    assert usable_jobs(9, LIMITS, lambda text: None) == 2


def test_what_a_container_keeps_of_files_is_free_for_processes(machine: Path) -> None:
    (machine / "memory.max").write_text(f"{3 * EACH * 2**20}\n")
    (machine / "memory.current").write_text(f"{3 * EACH * 2**20}\n")
    (machine / "memory.stat").write_text(f"anon 9\ninactive_file {2 * EACH * 2**20}\n")

    assert usable_jobs(9, LIMITS, lambda text: None) == 2


def test_a_container_without_a_limit_changes_nothing(machine: Path) -> None:
    (machine / "memory.max").write_text("max\n")

    assert usable_jobs(9, LIMITS, lambda text: None) == 4


def test_where_nothing_tells_as_many_as_are_asked_for(machine: Path) -> None:
    (machine / "meminfo").unlink()

    assert usable_jobs(9, LIMITS, lambda text: None) == 9
