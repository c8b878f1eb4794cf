"""Workers are forked by a process that imported what they need, as alone as new interpreters."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from docextract.core import ReadOptions
from docextract.workers.events import Failed, Finished, Job, Message
from docextract.workers.pool import WorkerPool
from docextract.workers.processes.nursery import IS_POSSIBLE

pytestmark = pytest.mark.skipif(not IS_POSSIBLE, reason="workers are forked on Linux alone")
HERE = __name__


def tell_parents() -> Iterator[list[int]]:
    yield [os.getpid(), os.getppid(), os.getsid(0)]


def tell_surroundings() -> Iterator[list[str]]:
    held = []
    for path in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):  # that of the folder itself is closed again
            held.append(str(path.readlink()))
    yield [os.environ.get("LC_NOTE", ""), str(Path.cwd()), *held]


def answers(pool: WorkerPool, *functions: str) -> list[list[Any]]:
    events = list(pool.run([Job(f"{HERE}:{name}", (), name) for name in functions]))
    assert [event.key for event in events if isinstance(event, Finished)] == list(functions)
    return [event.payload for event in events if isinstance(event, Message)]


def test_pools_of_a_process_share_the_parent_of_their_workers():
    seen = []
    for _ in range(2):
        with WorkerPool(1, ReadOptions()) as pool:
            seen += answers(pool, "tell_parents")
    (one, nursery, session), (other, again, _) = seen
    assert one == session != other
    assert nursery == again
    assert psutil.Process(nursery).ppid() == os.getpid()


def test_a_worker_has_the_variables_and_the_folder_of_the_moment_and_no_foreign_file(
    monkeypatch, tmp_path
):
    with WorkerPool(1, ReadOptions()) as pool:
        answers(pool, "tell_parents")
    monkeypatch.setenv("LC_NOTE", "set since")
    monkeypatch.chdir(tmp_path)
    with WorkerPool(1, ReadOptions()) as pool:
        note, folder, *descriptors = answers(pool, "tell_surroundings")[0]
    assert (note, folder) == ("set since", str(tmp_path))
    assert sum(name.startswith("socket:") for name in descriptors) == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_nursery_that_is_killed_costs_no_job(number):
    with WorkerPool(1, ReadOptions()) as pool:
        ((_, nursery, _),) = answers(pool, "tell_parents")
        os.kill(nursery, number)
        psutil.Process(nursery).wait()
        ((_, other, _),) = answers(pool, "tell_parents")
    assert other != nursery


def test_a_fork_of_the_process_has_a_nursery_of_its_own():
    with WorkerPool(1, ReadOptions()) as pool:
        ((_, nursery, _),) = answers(pool, "tell_parents")
        ours, theirs = os.pipe()
        pid = os.fork()
        if not pid:
            try:
                with WorkerPool(1, ReadOptions()) as own:
                    os.write(theirs, str(answers(own, "tell_parents")[0][1]).encode("ascii"))
            finally:
                os._exit(0)
        os.close(theirs)
        other = int(os.read(ours, 99))
        os.close(ours)
        os.waitpid(pid, 0)
        assert other != nursery
        assert answers(pool, "tell_parents")[0][1] == nursery


def tell_and_hang_at_first(marker: str) -> Iterator[int]:
    yield os.getppid()
    while not Path(marker).exists():
        time.sleep(0.02)
    yield 0


class Clock:
    """The pool's clock, which can be put forward."""

    ahead_s = 0.0

    def now_s(self) -> float:
        return time.monotonic() + self.ahead_s


def test_a_nursery_that_is_stopped_holds_up_nobody_and_costs_no_document(monkeypatch, tmp_path):
    """All workers are stopped with it, as where a person or a machine holds them."""
    clock, marker = Clock(), tmp_path / "again"
    monkeypatch.setattr("docextract.workers.processes.nursery._MAX_WAIT_S", 2.0)
    monkeypatch.setattr("docextract.workers.pool.WatchedClock", lambda: clock)
    jobs = [Job(f"{HERE}:tell_and_hang_at_first", (str(marker),), number) for number in range(2)]
    begun: set[object] = set()
    ended: list[object] = []
    with WorkerPool(2, ReadOptions()) as pool:
        for event in pool.run(jobs):
            if isinstance(event, Message) and len(begun) < 2:
                begun.add(event.key)
                if len(begun) == 2:
                    nursery = psutil.Process(event.payload)
                    for process in (nursery, *nursery.children()):
                        process.suspend()
                        while process.status() != psutil.STATUS_STOPPED:
                            time.sleep(0.01)
                    marker.touch()
                    clock.ahead_s = 125.0
            elif isinstance(event, Failed | Finished):
                ended.append(event)
    assert sorted(map(str, ended)) == [str(Finished(0)), str(Finished(1))]
