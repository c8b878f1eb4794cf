from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from docextract.core import (
    Box,
    DocumentError,
    Page,
    ReadOptions,
    Reason,
    Scratch,
    Word,
    WordSource,
    is_transient,
)
from docextract.workers.events import Failed, Finished, Job, Message, Tick
from docextract.workers.host.cores import num_usable_cores
from docextract.workers.host.watched_clock import WatchedClock
from docextract.workers.pool import WorkerPool
from docextract.workers.processes.nursery import IS_POSSIBLE
from docextract.workers.processes.process import WorkerProcess, worker_environment

LIMITS = ReadOptions(page_cpu_s=30, page_timeout_s=60, document_timeout_s=60)
QUICK = replace(LIMITS, page_timeout_s=2.0)
BRIEF = replace(LIMITS, page_cpu_s=1)
HERE = __name__


def count(up_to: int) -> Iterator[int]:
    yield from range(up_to)


def abort() -> Iterator[int]:
    yield 1
    os.abort()


def hang() -> Iterator[int]:
    yield 1
    time.sleep(3600)


def nap() -> Iterator[int]:
    time.sleep(0.3)
    yield 1


def trickle() -> Iterator[int]:
    for number in itertools.count():
        yield number
        time.sleep(0.1)


def burn() -> Iterator[int]:
    number = 0
    while number >= 0:
        number += 1
    yield number


def take_memory() -> Iterator[int]:
    yield len(bytearray(64 * 2**30))


def raise_document_error() -> Iterator[int]:
    yield 1
    raise DocumentError(Reason.ENCRYPTED, "locked", page=3)


def raise_bug() -> Iterator[int]:
    yield 1
    raise ZeroDivisionError("surprise")


def yield_unpicklable() -> Iterator[Any]:
    yield lambda: None


def yield_code() -> Iterator[Any]:
    yield os.system


def leave() -> Iterator[int]:
    yield 1
    sys.stdout.flush()
    os._exit(7)


def tell_pid_and_hang() -> Iterator[int]:
    yield os.getpid()
    time.sleep(3600)


def hang_at_first(marker: str) -> Iterator[int]:
    is_first = not Path(marker).exists()
    yield os.getpid()
    if is_first:
        time.sleep(3600)
    yield 0


def wait_for(marker: str) -> Iterator[int]:
    yield os.getpid()
    while not Path(marker).exists():
        time.sleep(0.01)
    yield 0


def tell_pid() -> Iterator[int]:
    yield os.getpid()


def tell_surroundings() -> Iterator[dict[str, Any]]:
    print("this must reach no terminal")
    os.write(2, b"nor this\n")
    yield {
        "environment": dict(os.environ),
        "group": os.getpgid(0),
        "pid": os.getpid(),
        "stdout": str(Path("/proc/self/fd/1").readlink()),
        "fds": len(list(Path("/proc/self/fd").iterdir())),
    }


def send_page() -> Iterator[Page]:
    word = Word("Total", Box(0.1, 0.1, 0.2, 0.2), 0.5)
    yield Page(1, 2.0, 3.0, (word,), WordSource.OCR, image=b"\0" * 3_000_000, size=(1000, 1000))


def job(name: str, *args: Any, key: Any = None) -> Job:
    return Job(f"{HERE}:{name}", args, key if key is not None else name)


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2]))


def happenings(pool: WorkerPool, jobs: Iterable[Job]) -> Iterator[Any]:
    return (event for event in pool.run(jobs) if not isinstance(event, Tick))


def run(*jobs: Job, limits: ReadOptions = LIMITS, num_workers: int = 1) -> list[Any]:
    with WorkerPool(num_workers, limits) as pool:
        return list(happenings(pool, jobs))


def test_messages_come_in_order_and_the_last_event_ends_the_job() -> None:
    events = run(job("count", 3))
    assert events == [*(Message("count", n) for n in range(3)), Finished("count")]


def test_200_quick_jobs_on_2_workers() -> None:
    events = run(*(job("count", 2, key=n) for n in range(200)), num_workers=2)
    assert sorted(e.key for e in events if isinstance(e, Finished)) == list(range(200))
    assert sum(isinstance(e, Message) for e in events) == 400
    for key in range(200):
        assert [e.payload for e in events if isinstance(e, Message) and e.key == key] == [0, 1]


@pytest.mark.parametrize(
    ("name", "reason", "words"),
    [
        ("abort", Reason.WORKER_CRASH, "SIGABRT"),
        ("leave", Reason.WORKER_CRASH, "exit status 7"),
        ("raise_document_error", Reason.ENCRYPTED, "locked"),
        ("raise_bug", Reason.INTERNAL, "ZeroDivisionError in raise_bug"),
        ("take_memory", Reason.OUT_OF_MEMORY, "memory"),
        ("yield_unpicklable", Reason.INTERNAL, "TypeError in _plain_leaf"),
        ("yield_code", Reason.INTERNAL, "TypeError in _plain_leaf"),
    ],
)
def test_a_failing_job_leaves_its_neighbours_alone(name: str, reason: Reason, words: str) -> None:
    events = run(job("count", 1, key="before"), job(name), job("count", 1, key="after"))
    ended = {e.key: e for e in events if not isinstance(e, Message)}
    assert ended["before"] == Finished("before")
    assert ended["after"] == Finished("after")
    assert ended[name].reason == reason
    assert words.lower() in ended[name].message.lower()
    assert ended[name].hint


def test_an_unexpected_exception_brings_its_traceback_and_a_document_error_its_page() -> None:
    bug = run(job("raise_bug"))[-1]
    assert "raise_bug" in bug.detail
    locked = run(job("raise_document_error"))[-1]
    assert (locked.page, locked.detail) == (3, "")


def test_an_unknown_function_is_a_bug_not_a_crash() -> None:
    (event,) = run(Job("docextract.nowhere:nothing", (), "x"))
    assert event.reason == Reason.INTERNAL


def test_a_worker_that_hangs_without_work_is_interrupted_and_tried_once_more() -> None:
    events = run(job("hang"), job("count", 1), limits=QUICK)
    assert [e for e in events if e.key == "hang"][:-1] == [Message("hang", 1)] * 2
    (failed,) = [e for e in events if isinstance(e, Failed)]
    assert (failed.key, failed.reason) == ("hang", Reason.INTERRUPTED)
    assert "In 2 s its worker had 0." in failed.message
    assert is_transient("open", failed.reason)
    assert Finished("count") in events


def test_where_nobody_can_tell_whether_it_works_silence_is_a_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(WorkerProcess, "cpu_seconds", lambda self: None)
    events = run(job("count", 1), job("hang"), limits=QUICK)
    assert [e.reason for e in events if isinstance(e, Failed)] == [Reason.TIMEOUT]


@pytest.mark.parametrize("share", [0.01, 0.3])
def test_a_worker_that_gets_hardly_any_of_a_busy_machine_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    """An hour passes in which it has a share of a core, and nothing of it is heard."""
    played_s = [0.0]
    clock = WatchedClock(lambda: time.monotonic() + played_s[0])
    monkeypatch.setattr("docextract.workers.pool.WatchedClock", lambda: clock)
    monkeypatch.setattr(WorkerProcess, "cpu_seconds", lambda self: share * played_s[0])
    marker, limits = tmp_path / "enough", replace(LIMITS, document_timeout_s=1e6)
    told = []
    with WorkerPool(1, limits) as pool:
        for event in pool.run([job("wait_for", str(marker))], lambda: True):
            if not isinstance(event, Tick):
                told.append(event)
            elif told and played_s[0] < 3600:
                played_s[0] += 1.0
            elif told:
                marker.touch()
    assert told[1:] == [Message("wait_for", 0), Finished("wait_for")]


def test_a_document_that_never_ends_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WorkerProcess, "cpu_seconds", lambda self: time.monotonic())
    failed = run(job("trickle"), limits=replace(LIMITS, document_timeout_s=1.5))[-1]
    assert failed.reason == Reason.TIMEOUT
    assert "whole document" in failed.message


def test_burning_cpu_is_a_timeout() -> None:
    (failed,) = run(job("burn"), limits=replace(LIMITS, page_cpu_s=1))
    assert failed.reason == Reason.TIMEOUT
    assert "CPU" in failed.message


def test_the_time_the_caller_takes_is_not_counted() -> None:
    limits = replace(LIMITS, page_timeout_s=1.0, document_timeout_s=1.0)
    with WorkerPool(1, limits) as pool:
        events = []
        for event in happenings(pool, [job("count", 2)]):
            events.append(event)
            time.sleep(0.6)
    assert events[-1] == Finished("count")


def test_a_worker_that_hangs_is_found_by_a_busy_caller() -> None:
    limits = replace(LIMITS, page_timeout_s=1.0)
    with WorkerPool(1, limits) as pool:
        events, begun_s = [], time.monotonic()
        for event in pool.run([job("hang")], lambda: True):
            if not isinstance(event, Tick):
                events.append(event)
            time.sleep(0.05)
    *messages, failed = events
    assert messages == [Message("hang", 1)] * 2
    assert isinstance(failed, Failed)
    assert failed.reason == Reason.INTERRUPTED
    assert time.monotonic() - begun_s < 60


def test_a_hurried_caller_does_not_wait() -> None:
    with WorkerPool(1, LIMITS) as pool:
        events = list(pool.run([job("nap")], lambda: True))
    assert sum(isinstance(event, Tick) for event in events) > 20
    assert events[-1] == Finished("nap")


def test_a_caller_without_jobs_is_not_asked_all_the_time() -> None:
    asked: list[float] = []

    def jobs() -> Iterator[Job | None]:
        yield job("nap")
        while len(asked) < 2:
            asked.append(time.monotonic())
            yield None

    with WorkerPool(2, LIMITS) as pool:
        num_ticks = sum(isinstance(event, Tick) for event in pool.run(jobs(), lambda: True))
    assert num_ticks > 20
    assert asked[1] - asked[0] > 0.2


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
def test_what_was_interrupted_from_outside_is_done_again(tmp_path: Path, number: int) -> None:
    marker = tmp_path / "begun"
    limits = replace(LIMITS, page_timeout_s=2.0)
    events = []
    with WorkerPool(1, limits) as pool:
        for event in happenings(pool, [job("hang_at_first", str(marker)), job("count", 1)]):
            events.append(event)
            if len(events) == 1:
                marker.touch()
                os.kill(event.payload, number)
    assert [type(e) for e in events] == [Message, *[Message, Message, Finished], Message, Finished]
    assert events[0].payload != events[1].payload


def test_what_is_interrupted_each_time_fails_alone_and_says_so() -> None:
    events = []
    with WorkerPool(1, LIMITS) as pool:
        for event in happenings(pool, [job("tell_pid_and_hang"), job("count", 1)]):
            events.append(event)
            if event.key == "tell_pid_and_hang" and isinstance(event, Message):
                os.kill(event.payload, signal.SIGKILL)
    failed = [e for e in events if isinstance(e, Failed)]
    assert [(e.key, e.reason) for e in failed] == [("tell_pid_and_hang", Reason.INTERRUPTED)]
    assert "SIGKILL" in failed[0].message
    assert events[-1] == Finished("count")
    assert is_transient("open", failed[0].reason)


def test_a_machine_that_stood_still_is_nobodys_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock jumps while the caller and the workers do nothing, as in a frozen container."""
    jumped_s = [0.0]
    clock = WatchedClock(lambda: time.monotonic() + jumped_s[0])
    monkeypatch.setattr("docextract.workers.pool.WatchedClock", lambda: clock)
    with WorkerPool(1, LIMITS) as pool:
        events = []
        for event in pool.run([job("nap")]):
            jumped_s[0] += 125
            events.append(event)
    assert events[-1] == Finished("nap")
    assert jumped_s[0] > LIMITS.page_timeout_s


def test_an_idle_worker_killed_from_outside_costs_nothing() -> None:
    with WorkerPool(1, LIMITS) as pool:
        pid = next(iter(list(happenings(pool, [job("tell_pid")])))).payload
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline
        assert list(happenings(pool, [job("count", 1)]))[-1] == Finished("count")


def test_workers_are_reused_and_leave_nothing_behind() -> None:
    """But the nursery, which is there until this process ends."""
    with WorkerPool(1, LIMITS) as pool:
        list(happenings(pool, [job("tell_pid")]))
    me = psutil.Process()
    before, nursery = me.num_fds(), me.children(recursive=True)
    with WorkerPool(1, LIMITS) as pool:
        pids = {
            e.payload
            for e in happenings(pool, [job("tell_pid", key=n) for n in range(5)])
            if isinstance(e, Message)
        }
        assert len(pids) == 1
    assert me.num_fds() == before
    assert me.children(recursive=True) == nursery
    assert len(nursery) == IS_POSSIBLE


def test_a_worker_is_replaced_after_its_share_of_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docextract.workers.pool._MAX_JOBS_PER_WORKER", 2)
    events = run(*(job("tell_pid", key=n) for n in range(6)))
    assert len({e.payload for e in events if isinstance(e, Message)}) == 3


def test_jobs_are_pulled_only_when_a_worker_is_free() -> None:
    pulled = []

    def feed() -> Iterator[Job]:
        for number in range(10):
            pulled.append(number)
            yield job("count", 1, key=number)

    with WorkerPool(2, LIMITS) as pool:
        num_ended = 0
        for event in happenings(pool, feed()):
            num_ended += isinstance(event, Finished)
            assert len(pulled) <= num_ended + 4


def test_leaving_early_kills_the_worker_and_the_pool_can_go_on() -> None:
    with WorkerPool(1, LIMITS) as pool:
        events = pool.run([job("tell_pid_and_hang")])
        pid = next(e.payload for e in events if isinstance(e, Message))
        events.close()
        assert not psutil.pid_exists(pid)
        assert list(happenings(pool, [job("count", 0)])) == [Finished("count")]


def test_a_worker_sees_no_secrets_no_terminal_and_no_foreign_files(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    assert "AWS_SECRET_ACCESS_KEY" not in worker_environment(Path("/nowhere"))
    seen = run(job("tell_surroundings"))[0].payload
    assert "s3cret" not in str(seen["environment"])
    assert seen["environment"]["OMP_NUM_THREADS"] == "1"
    assert seen["group"] == seen["pid"]
    assert seen["stdout"] == os.devnull
    assert seen["fds"] <= 5
    assert capfd.readouterr() == ("", "")


def test_pages_with_pixels_come_through_whole() -> None:
    page = run(job("send_page"))[0].payload
    assert page == next(send_page())


def test_a_worker_dies_with_its_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys, time\n"
        f"sys.path[:0] = {[str(path) for path in Path(__file__).resolve().parents[:3]]!r}\n"
        "from docextract.core import ReadOptions\n"
        "from docextract.workers.events import Job, Message\n"
        "from docextract.workers.pool import WorkerPool\n"
        "with WorkerPool(1, ReadOptions()) as pool:\n"
        f"    for event in pool.run([Job({HERE + ':tell_pid_and_hang'!r}, (), 0)]):\n"
        "        if isinstance(event, Message):\n"
        "            print(event.payload, flush=True)\n",
        encoding="utf-8",
    )
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert psutil.pid_exists(pid)
        worker = psutil.Process(pid)
        parent.kill()
        with contextlib.suppress(psutil.NoSuchProcess):
            worker.wait(timeout=120)
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE


def test_usable_cores_is_a_positive_number() -> None:
    assert 1 <= num_usable_cores() <= (os.cpu_count() or 1)


def test_a_none_among_the_jobs_is_asked_again_until_they_end() -> None:
    asked = 0

    def jobs() -> Iterator[Job | None]:
        nonlocal asked
        for item in (None, job("count", 1, key="a"), None, None, job("count", 1, key="b"), None):
            asked += 1
            yield item

    with WorkerPool(1, LIMITS) as pool:
        ended = [event.key for event in pool.run(jobs()) if isinstance(event, Finished)]
    assert ended == ["a", "b"]
    assert asked == 6


def test_a_job_that_crashes_is_done_otherwise_once() -> None:
    first = replace(job("abort", key="a"), otherwise=job("count", 2, key="a"))
    events = run(first, job("count", 1, key="b"))
    assert [e.payload for e in events if isinstance(e, Message) and e.key == "a"] == [1, 0, 1]
    assert [e for e in events if not isinstance(e, Message) and e.key == "a"] == [Finished("a")]
    assert Finished("b") in events


@pytest.mark.parametrize("second", ["abort", "burn", "raise_document_error"])
def test_where_the_other_way_fails_too_the_first_failure_counts(second: str) -> None:
    first = replace(job("abort", key="a"), otherwise=job(second, key="a"))
    (failed,) = [e for e in run(first, limits=BRIEF) if isinstance(e, Failed)]
    assert (failed.key, failed.reason) == ("a", Reason.WORKER_CRASH)
    assert "SIGABRT" in failed.message
    assert "Another way" in failed.message
    assert failed.hint


@pytest.mark.parametrize(("name", "is_tried"), [("burn", True), ("raise_document_error", False)])
def test_only_crashes_and_limits_are_worth_another_way(name: str, is_tried: bool) -> None:
    first = replace(job(name, key="a"), otherwise=job("count", 1, key="a"))
    events = run(first, limits=BRIEF)
    assert isinstance(events[-1], Finished) == is_tried


def send_large_buffers() -> Iterator[tuple[bytes, str, bytes] | None]:
    yield b"a" * 5_000_000, "between", b""
    yield b"b" * 3, "small ones go with the frame", b"c"


def test_large_buffers_come_through_whole_and_leave_no_files_open() -> None:
    before = psutil.Process().num_fds()
    events = run(job("send_large_buffers"))
    payloads = [event.payload for event in events if isinstance(event, Message)]
    assert payloads == [next(send_large_buffers()), list(send_large_buffers())[1]]
    assert events[-1] == Finished("send_large_buffers")
    assert psutil.Process().num_fds() == before


def call(port: int) -> Iterator[str]:
    yield str(Path("/proc/self/ns/net").readlink())
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            yield "connected"
    except OSError as error:
        yield type(error).__name__


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has network namespaces")
def test_a_worker_has_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        events = run(job("call", server.getsockname()[1]))
    space, answer = (event.payload for event in events if isinstance(event, Message))
    if space == str(Path("/proc/self/ns/net").readlink()):
        pytest.skip("this system gives no process a network of its own")
    assert answer != "connected"


LEAVE_BEHIND = """
import os, signal
from docextract.core import Scratch
scratch = Scratch()
(scratch.path / "page.png").write_bytes(b"words of a customer")
print(scratch.path, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_goes_at_the_next_start_and_what_is_in_use_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-c", LEAVE_BEHIND], env=environment, capture_output=True, text=True
    )
    left = Path(told.stdout.strip())
    assert left.parent == tmp_path
    assert (left / "page.png").exists()
    with Scratch() as own, WorkerPool(1, LIMITS):
        assert not left.exists()
        assert own.path.exists()
    assert not own.path.exists()
    assert list(tmp_path.iterdir()) == []
