"""How many workers there are and what each may use: what the machine lets, what is asked for, and how GPUs are shared."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_engine.errors import EngineError
from local_engine.workers import limits
from local_engine.workers.devices import Slot, slots, why_without_gpus
from local_engine.workers.fitting import Machine, workers_that_fit
from local_engine.workers.gpus import Gpu

GB = 1_000_000_000
A, B = Gpu("0", "NVIDIA A10", 23028, "GPU-aaaa-1"), Gpu("1", "NVIDIA A10", 23028, "GPU-bbbb-2")

machines = st.builds(
    Machine,
    cores=st.integers(1, 256),
    memory_bytes=st.integers(0, 10**13),
    gpus=st.lists(st.integers(0, 200_000), max_size=8).map(
        lambda sizes: tuple(Gpu(str(index), "NVIDIA", size) for index, size in enumerate(sizes))
    ),
    cuda=st.booleans(),
)


def write(root: Path, **files: str) -> Path:
    """Files under `root`; `__` in a name stands for a slash, `_dot_` for a dot."""
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("cores", "gigabytes", "data_gigabytes", "fit"),
    [
        (2, 24, 0, 2),
        (8, 24, 0, 8),
        (8, 4, 0, 4),
        (8, 24, 2, 4),
        (64, 0.1, 0, 1),
        (1, 500, 0, 1),
        (16, 128, 100, 1),
    ],
)
def test_as_many_workers_as_cores_and_memory_hold(cores: int, gigabytes: float, data_gigabytes: int, fit: int) -> None:
    assert workers_that_fit(Machine(cores, int(gigabytes * GB)), data_gigabytes * GB) == fit


@pytest.mark.parametrize(
    ("parallel", "gpus", "most", "expected"),
    [
        (None, None, None, [("0", None, 4), ("1", None, 4)]),
        (None, (), None, [(None, None, 1)] * 8),
        (None, ["1"], None, [("1", None, 8)]),
        (None, ["GPU-bbbb"], None, [("1", None, 8)]),
        (None, ["1", "1"], None, [("1", None, 8)]),
        (None, None, 1, [("0", None, 8)]),
        (None, (), 3, [(None, None, 2)] * 3),
        (3, None, None, [("0", 10362, 2), ("1", None, 2), ("0", 10362, 2)]),
        (4, ["0"], None, [("0", 5181, 2)] * 4),
        (1, None, None, [("0", None, 8)]),
        (16, (), None, [(None, None, 1)] * 16),
        (16, (), 5, [(None, None, 1)] * 5),
    ],
)
def test_each_worker_gets_its_place(
    parallel: int | None, gpus: list[str] | None, most: int | None, expected: list[tuple[str | None, int | None, int]]
) -> None:
    found = slots(parallel, gpus, machine=Machine(8, 100 * GB, (A, B)), data_bytes=0, most=most)

    assert [(slot.gpu, slot.memory_mb, slot.threads) for slot in found] == expected
    assert [slot.index for slot in found] == list(range(len(expected)))


def test_one_worker_a_gpu_even_where_cores_are_fewer_but_not_where_memory_is() -> None:
    assert len(slots(None, None, machine=Machine(1, 100 * GB, (A, B)), data_bytes=0)) == 2
    assert len(slots(None, None, machine=Machine(8, 3 * GB, (A, B)), data_bytes=GB)) == 1


def test_a_gpu_that_does_not_say_how_much_memory_it_has_is_shared_without_limits() -> None:
    found = slots(2, None, machine=Machine(8, 100 * GB, (Gpu("0", "NVIDIA GB10", 0),)), data_bytes=0)

    assert found == (Slot(0, 4, "0", None), Slot(1, 4, "0", None))


def test_gpus_without_libraries_are_left_alone_and_said_so_unless_asked_for() -> None:
    machine = Machine(2, 100 * GB, (A,), cuda=False)

    assert slots(None, None, machine=machine, data_bytes=0) == (Slot(0, 1), Slot(1, 1))
    assert "cloud-nas[gpu]" in (why_without_gpus(machine, None) or "")
    assert [slot.gpu for slot in slots(None, ["0"], machine=machine, data_bytes=0)] == ["0"]
    assert why_without_gpus(machine, ["0"]) is None
    assert why_without_gpus(machine, ()) is None
    assert why_without_gpus(Machine(2, GB, (A,)), None) is None


@pytest.mark.parametrize(
    ("gpus", "message", "hint"),
    [
        (["7"], "there is no GPU '7'", "0 (NVIDIA A10), 1 (NVIDIA A10)"),
        (["0", ""], "there is no GPU ''", "0 (NVIDIA A10)"),
        (["GPU-"], "there is no GPU 'GPU-'", "0 (NVIDIA A10)"),
    ],
)
def test_a_gpu_that_is_not_there_is_refused_with_those_that_are(gpus: list[str], message: str, hint: str) -> None:
    with pytest.raises(EngineError) as refused:
        slots(None, gpus, machine=Machine(8, 100 * GB, (A, B)), data_bytes=0)

    assert refused.value.message == message
    assert hint in (refused.value.hint or "")


def test_a_name_that_means_two_gpus_is_refused() -> None:
    twins = (Gpu("0", "NVIDIA A10", 1, "GPU-aaaa-1"), Gpu("1", "NVIDIA A10", 1, "GPU-aaaa-2"))
    with pytest.raises(EngineError, match="more than one"):
        slots(None, ["GPU-aaaa"], machine=Machine(8, GB, twins), data_bytes=0)


@pytest.mark.parametrize("parallel", [0, -1])
def test_fewer_than_one_worker_is_refused(parallel: int) -> None:
    with pytest.raises(EngineError):
        slots(parallel, None, machine=Machine(8, GB), data_bytes=0)


@given(machines, st.integers(0, 10**12), st.none() | st.integers(1, 300))
def test_left_to_the_machine_workers_stay_within_it(machine: Machine, data_bytes: int, most: int | None) -> None:
    found = slots(None, None, machine=machine, data_bytes=data_bytes, most=most)

    assert 1 <= len(found) <= (most or 300)
    if machine.gpus and machine.cuda:
        assert len({slot.gpu for slot in found}) == len(found) <= len(machine.gpus)
        assert all(slot.memory_mb is None for slot in found)
    else:
        assert sum(slot.threads for slot in found) <= machine.cores
        assert len(found) == 1 or len(found) * (900_000_000 + data_bytes) <= machine.memory_bytes


@given(machines, st.integers(1, 64))
def test_workers_that_are_asked_for_share_all_gpus_evenly(machine: Machine, parallel: int) -> None:
    found = slots(parallel, [gpu.id for gpu in machine.gpus], machine=machine, data_bytes=0)

    assert len(found) == parallel
    assert all(slot.threads == max(1, machine.cores // parallel) for slot in found)
    on: dict[str | None, list[Slot]] = defaultdict(list)
    for slot in found:
        on[slot.gpu].append(slot)
    if not machine.gpus:
        assert set(on) == {None}
        return
    assert len(on) == min(parallel, len(machine.gpus))
    assert max(map(len, on.values())) - min(map(len, on.values())) <= 1
    for gpu in machine.gpus:
        together = on[gpu.id]
        if len(together) > 1 and gpu.memory_mb >= 100:
            assert sum(slot.memory_mb or 10**9 for slot in together) <= gpu.memory_mb * 0.9


HERE = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@pytest.mark.parametrize(
    ("groups", "files", "cores"),
    [
        ("0::/\n", {"sys__fs__cgroup__cpu_dot_max": "100000 100000\n"}, 1),
        ("0::/\n", {"sys__fs__cgroup__cpu_dot_max": "50000 100000\n"}, 1),
        ("0::/\n", {"sys__fs__cgroup__cpu_dot_max": "max 100000\n"}, HERE),
        (
            "0::/a/b\n",
            {"sys__fs__cgroup__a__cpu_dot_max": "100000 100000", "sys__fs__cgroup__a__b__cpu_dot_max": "max 100000"},
            1,
        ),
        ("0::/outside\n", {"sys__fs__cgroup__cpu_dot_max": "150000 100000\n"}, 1),
        ("0::/../x\n", {"sys__fs__cgroup__cpu_dot_max": "150000 100000\n"}, 1),
        (
            "3:cpu,cpuacct:/docker/4f\n0::/\n",
            {
                "sys__fs__cgroup__cpu,cpuacct__cpu_dot_cfs_quota_us": "100000\n",
                "sys__fs__cgroup__cpu,cpuacct__cpu_dot_cfs_period_us": "100000\n",
                "sys__fs__cgroup__unified__cpu_dot_stat": "",
            },
            1,
        ),
        (
            "2:cpu:/\n",
            {"sys__fs__cgroup__cpu__cpu_dot_cfs_quota_us": "-1\n", "sys__fs__cgroup__cpu__cpu_dot_cfs_period_us": "100000\n"},
            HERE,
        ),
        ("", {}, HERE),
    ],
)
def test_a_containers_quota_bounds_the_cores(tmp_path: Path, groups: str, files: dict[str, str], cores: int) -> None:
    assert limits.cores(write(tmp_path, proc__self__cgroup=groups, **files)) == cores


MEMINFO = "MemTotal:       24684000 kB\nMemFree:         1000000 kB\nMemAvailable:   20000000 kB\n"


@pytest.mark.parametrize(
    ("groups", "files", "left"),
    [
        ("0::/\n", {}, 20_000_000 * 1024),
        ("0::/\n", {"sys__fs__cgroup__memory_dot_max": "max\n", "sys__fs__cgroup__memory_dot_current": "5\n"}, 20_000_000 * 1024),
        (
            "0::/job\n",
            {
                "sys__fs__cgroup__job__memory_dot_max": "4000000000\n",
                "sys__fs__cgroup__job__memory_dot_current": "3000000000\n",
                "sys__fs__cgroup__job__memory_dot_stat": "anon 1000\ninactive_file 1500000000\nactive_file 7\n",
            },
            2_500_000_000,
        ),
        (
            "0::/job/step\n",
            {
                "sys__fs__cgroup__job__memory_dot_max": "1000000000",
                "sys__fs__cgroup__job__memory_dot_current": "1200000000",
                "sys__fs__cgroup__job__step__memory_dot_max": "4000000000",
                "sys__fs__cgroup__job__step__memory_dot_current": "0",
            },
            0,
        ),
        (
            "4:memory:/docker/4f\n",
            {
                "sys__fs__cgroup__memory__memory_dot_limit_in_bytes": "2000000000\n",
                "sys__fs__cgroup__memory__memory_dot_usage_in_bytes": "500000000\n",
                "sys__fs__cgroup__memory__memory_dot_stat": "inactive_file 1\ntotal_inactive_file 100000000\n",
            },
            1_600_000_000,
        ),
        (
            "4:memory:/\n",
            {
                "sys__fs__cgroup__memory__memory_dot_limit_in_bytes": "9223372036854771712\n",
                "sys__fs__cgroup__memory__memory_dot_usage_in_bytes": "500000000\n",
            },
            20_000_000 * 1024,
        ),
    ],
)
def test_a_containers_limit_bounds_the_memory(tmp_path: Path, groups: str, files: dict[str, str], left: int) -> None:
    assert limits.memory_bytes(write(tmp_path, proc__self__cgroup=groups, proc__meminfo=MEMINFO, **files)) == left


def test_without_proc_all_memory_of_the_machine_counts(tmp_path: Path) -> None:
    assert limits.memory_bytes(tmp_path) > 100_000_000


def test_the_machine_here_has_room_for_a_worker() -> None:
    machine = Machine.here()

    assert 1 <= machine.cores <= HERE
    assert machine.memory_bytes > 0
    assert workers_that_fit(machine, 0) >= 1
