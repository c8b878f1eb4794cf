"""A worker that a file has taken over: what it sends costs one document, and it reaches nothing."""

from __future__ import annotations

import ctypes
import inspect
import json
import os
import pickle
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import psutil
import pytest

from docextract.core import Page, ReadOptions, Reason, SetupError
from docextract.workers import Failed, Finished, Job, Message, Tick, WorkerPool
from docextract.workers.border import landlock
from docextract.workers.border.frames import VERSION

LIMITS = ReadOptions(page_cpu_s=30, page_timeout_s=60, document_timeout_s=60, max_pages=20)
HERE = __name__
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="guards are Linux's own")


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2]))


def own_border() -> tuple[socket.socket, str]:
    """Return the worker's socket and the name of its job, as code in it could find them."""
    frame: FrameType | None = inspect.currentframe()
    while frame is not None and "token" not in frame.f_locals:
        frame = frame.f_back
    assert frame is not None
    return frame.f_locals["connection"], frame.f_locals["token"]


def head(
    num_json: int, sizes: tuple[int, ...] = (), version: int = VERSION, file: int = 0
) -> bytes:
    packed = struct.pack(">3sBBHQ", b"DXW", version, file, len(sizes), num_json)
    return packed + struct.pack(f">{len(sizes)}Q", *sizes)


def framed(tree: Any, *buffers: bytes) -> bytes:
    text = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    return head(len(text), tuple(map(len, buffers))) + text + b"".join(buffers)


def with_file(descriptor: int, size: int) -> Callable[[socket.socket, str], None]:
    def send(connection: socket.socket, token: str) -> None:
        text = json.dumps([token, "finished"]).encode()
        socket.send_fds(connection, [head(len(text), (size,), file=1) + text], [descriptor])

    return send


def memory_file(size: int) -> int:
    descriptor = os.memfd_create("changing")
    os.truncate(descriptor, size)
    return descriptor


PAGE = ["Page", 1, 2, 3, [], "none", 0, None, None, []]

SAID: dict[str, Callable[[str], Any]] = {
    "no list": lambda token: {"token": token},
    "nothing": lambda token: [],
    "a number": lambda token: 5,
    "one word": lambda token: [token],
    "ready once more": lambda token: ["ready"],
    "the name of no job": lambda token: ["0" * 16, "finished"],
    "no name": lambda token: [None, "finished"],
    "an unknown kind": lambda token: [token, "nonsense", 1],
    "a kind that is a list": lambda token: [token, ["finished"]],
    "an end with more": lambda token: [token, "finished", 1],
    "a failure without a reason": lambda token: [token, "failed"],
    "a failure for no known reason": lambda token: [token, "failed", "nonsense", "", "", None, ""],
    "a failure that is the run's to find": lambda token: [
        token,
        "failed",
        "duplicate",
        "",
        "",
        None,
        "",
    ],
    "a failure whose message is no text": lambda token: [token, "failed", "corrupt", 1, "", 1, ""],
    "a set-up without words": lambda token: [token, "setup"],
    "a message without a value": lambda token: [token, "message"],
    "text for a page": lambda token: [token, "message", "page"],
    "code for a page": lambda token: [token, "message", ["os.system", "true"]],
    "a class nobody announced": lambda token: [token, "message", ["EngineInfo", "text"]],
    "a dotted name": lambda token: [token, "message", ["docextract.core.Page", *PAGE[1:]]],
    "too few fields": lambda token: [token, "message", PAGE[:-1]],
    "too many fields": lambda token: [token, "message", [*PAGE, 1]],
    "a truth value for a number": lambda token: [token, "message", [*PAGE[:1], True, *PAGE[2:]]],
    "an unknown word": lambda token: [token, "message", [*PAGE[:5], "brain", *PAGE[6:]]],
    "a buffer that is not there": lambda token: [token, "message", [*PAGE[:7], 3, *PAGE[8:]]],
    "a tree for words": lambda token: [token, "message", [*PAGE[:4], {}, *PAGE[5:]]],
    "a word of one part": lambda token: [token, "message", [*PAGE[:4], [["a"]], *PAGE[5:]]],
    "a number without end": lambda token: [token, "message", [*PAGE[:1], 10**30, *PAGE[2:]]],
}
"""Frames that are well made and mean nothing."""

SPOKE_LATE = "an end and then a page"
"""Its document has ended well by then; that a page comes costs the worker alone."""

SENT: dict[str, Callable[[str], bytes]] = {
    "no frame": lambda token: b"no frame at all, but long enough to be looked at",
    "a pickle": lambda token: pickle.dumps(subprocess.Popen) * 2,
    "another version": lambda token: head(2, version=VERSION + 1) + b"[]",
    "a length beyond all memory": lambda token: head(1 << 62),
    "buffers beyond all memory": lambda token: head(2, (1 << 62,)) + b"[]",
    "too many buffers": lambda token: head(2, (1,) * 30_000) + b"[]",
    "a file that does not come": lambda token: head(2, (1,), file=1) + b"[]",
    "no JSON": lambda token: framed(b"[,"),
    "bytes that are no text": lambda token: framed(b"[\xff]"),
    "endless brackets": lambda token: framed(b"[" * 200_000),
    "millions of values": lambda token: framed(b"[" + b"[]," * 16_000_000 + b"[]]"),
    SPOKE_LATE: lambda token: framed([token, "finished"]) + framed([token, "message", PAGE]),
}
"""Bytes."""


def say(name: str) -> Iterator[Page]:
    connection, token = own_border()
    if name in SAID:
        connection.sendall(framed(SAID[name](token)))
    elif name in SENT:
        connection.sendall(SENT[name](token))
    elif name == "a flood of messages":
        while True:
            connection.sendall(framed([token, "message", PAGE]) * 100)
    elif name == "a flood of files":
        reading, _ = os.pipe()
        while True:
            socket.send_fds(connection, [b"D"], [reading] * 8)
    else:
        descriptor, size = FILES[name]()
        with_file(descriptor, size)(connection, token)
    time.sleep(3600)
    yield from ()


FILES: dict[str, Callable[[], tuple[int, int]]] = {
    "a file it can still change": lambda: (memory_file(3), 3),
    "a file of the disk": lambda: (os.open(__file__, os.O_RDONLY), Path(__file__).stat().st_size),
    "a pipe": lambda: (os.pipe()[0], 3),
    "a file that is far too long": lambda: (memory_file(1 << 40), 1 << 40),
}
FLOODS = ("a flood of messages", "a flood of files")
HOSTILE = (*SAID, *SENT, *FILES, *FLOODS)


def pages(count: int) -> Iterator[Page]:
    yield from (Page(number, 1.0, 1.0) for number in range(1, count + 1))


def run(*jobs: Job, num_workers: int = 2) -> list[Any]:
    with WorkerPool(num_workers, LIMITS) as pool:
        return [event for event in pool.run(jobs) if not isinstance(event, Tick)]


@LINUX
def test_whatever_a_worker_sends_costs_one_document_and_nothing_else() -> None:
    assert len(HOSTILE) >= 30
    run(Job(f"{HERE}:pages", (1,), "first"))  # the nursery is there from then on
    before = psutil.Process().num_fds()
    hostile = [Job(f"{HERE}:say", (name,), name) for name in HOSTILE]
    good = [Job(f"{HERE}:pages", (2,), f"good {n}") for n in range(6)]
    events = run(*good[:3], *hostile, *good[3:])
    failed = {event.key: event for event in events if isinstance(event, Failed)}
    assert sorted(failed) == sorted(set(HOSTILE) - {SPOKE_LATE})
    assert {event.reason for event in failed.values()} == {Reason.WORKER_CRASH}
    assert [
        event.message for event in failed.values() if "lost its mind" not in event.message
    ] == []
    ended = [event.key for event in events if isinstance(event, Finished)]
    assert sorted(ended) == [SPOKE_LATE, *(job.key for job in good)]
    assert [e for e in events if isinstance(e, Message) and e.key == SPOKE_LATE] == []
    assert psutil.Process().num_fds() == before


def speak_early() -> Iterator[Page]:
    connection, token = own_border()
    connection.sendall(framed([token, "finished"]) + framed(["0" * 16, "finished"]))
    yield from ()
    time.sleep(3600)


@LINUX
def test_what_is_said_before_the_next_job_is_not_taken_for_its_answer() -> None:
    events = run(
        Job(f"{HERE}:speak_early", (), "a"), Job(f"{HERE}:pages", (1,), "b"), num_workers=1
    )
    assert [event.key for event in events if isinstance(event, Finished)] == ["a", "b"]
    assert [event.payload.number for event in events if isinstance(event, Message)] == [1]


def lack() -> Iterator[Page]:
    if os.getpid():
        raise SetupError("OCR is not installed", "pip install it")
    yield from ()


def lack_nothing() -> Iterator[None]:
    yield from ()


def test_a_worker_that_says_this_machine_lacks_something_is_believed_only_if_it_does() -> None:
    job = Job(f"{HERE}:lack", (), "a", trial=Job(f"{HERE}:lack_nothing", (), None))
    events = run(job, Job(f"{HERE}:pages", (1,), "b"))
    (failed,) = [event for event in events if isinstance(event, Failed)]
    assert (failed.key, failed.reason) == ("a", Reason.WORKER_CRASH)
    assert Finished("b") in events
    with pytest.raises(SetupError, match="OCR is not installed"):
        run(replace(job, trial=Job(f"{HERE}:lack", (), None)))


def doubt_page_2(payload: Page) -> str:
    return "a page of another document" if payload.number == 2 else ""


def test_what_the_job_doubts_ends_the_worker() -> None:
    events = run(Job(f"{HERE}:pages", (3,), "a", doubt=doubt_page_2), num_workers=1)
    assert [event.payload.number for event in events if isinstance(event, Message)] == [1]
    assert events[-1].reason == Reason.WORKER_CRASH
    assert "another document" in events[-1].message


def attempt(name: str, parent: int, outside: str) -> Iterator[str]:
    try:
        ATTEMPTS[name](parent, Path(outside))
    except (OSError, subprocess.SubprocessError) as error:
        yield type(error).__name__
    else:
        yield "done"


def set_limit(parent: int, outside: Path) -> None:
    import resource

    resource.prlimit(parent, resource.RLIMIT_CPU, (1, 1))


def enter_namespace(parent: int, outside: Path) -> None:
    with Path(f"/proc/{parent}/ns/net").open(encoding="ascii") as file:
        if ctypes.CDLL(None).setns(file.fileno(), 0):
            raise OSError


def connect_to_path(parent: int, outside: Path) -> None:
    with socket.socket(socket.AF_UNIX) as ours:
        ours.connect(str(outside / "socket"))


ATTEMPTS: dict[str, Callable[[int, Path], object]] = {
    "run a shell": lambda parent, outside: subprocess.run(["/bin/sh", "-c", "true"], check=True),
    "run Python": lambda parent, outside: subprocess.run([sys.executable, "-V"], check=True),
    "open an internet socket": lambda parent, outside: socket.socket().close(),
    "open a datagram socket": lambda parent, outside: socket.socket(
        socket.AF_INET, socket.SOCK_DGRAM
    ).close(),
    "reach a socket in the file system": connect_to_path,
    "read the parent's environment": lambda parent, outside: Path(
        f"/proc/{parent}/environ"
    ).read_bytes(),
    "open the parent's memory": lambda parent, outside: os.close(
        os.open(f"/proc/{parent}/mem", os.O_RDONLY)
    ),
    "take the parent's network": enter_namespace,
    "signal the parent": lambda parent, outside: os.kill(parent, 0),
    "limit the parent": set_limit,
    "write outside": lambda parent, outside: (outside / "new").write_text("x", encoding="utf-8"),
    "change a file": lambda parent, outside: (outside / "old").write_text("x", encoding="utf-8"),
    "remove a file": lambda parent, outside: (outside / "old").unlink(),
    "make a folder": lambda parent, outside: (outside / "folder").mkdir(),
    "leave its group": lambda parent, outside: (
        os.setpgid(0, 0) if os.fork() else os._exit(_group())
    ),
}


def _group() -> int:
    os.setsid()
    return 0


NEED_LANDLOCK = {
    "run a shell": 1,
    "run Python": 1,
    "read the parent's environment": 1,
    "open the parent's memory": 1,
    "take the parent's network": 1,
    "write outside": 1,
    "change a file": 3,
    "remove a file": 1,
    "make a folder": 1,
    "signal the parent": 6,
}


@LINUX
def test_a_worker_reaches_nothing_but_its_scratch_folder(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("kept", encoding="utf-8")
    names = [name for name in ATTEMPTS if NEED_LANDLOCK.get(name, 0) <= landlock.version()]
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        server.listen()
        args = (os.getpid(), str(tmp_path))
        events = run(*(Job(f"{HERE}:attempt", (name, *args), name) for name in names))
    told = {event.key: event.payload for event in events if isinstance(event, Message)}
    assert {name: said for name, said in told.items() if said == "done"} == {}
    assert sorted(told) == sorted(names)
    assert (tmp_path / "old").read_text(encoding="utf-8") == "kept"
    if len(names) < len(ATTEMPTS):
        pytest.skip(f"not tried, as Landlock is too old: {sorted(set(ATTEMPTS) - set(names))}")


CONFINED = """
import os, subprocess, sys
from pathlib import Path
from docextract.workers.border import landlock
from docextract.workers.worker import with_loader
landlock.confine([], [Path(os.devnull)], with_loader(Path(sys.argv[1])))
print(subprocess.run([sys.argv[1]], stdout=subprocess.DEVNULL).returncode)
try:
    subprocess.run(["/bin/sh", "-c", "true"])
except PermissionError:
    print("refused")
"""


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
def test_a_program_that_may_be_started_starts_and_no_other_does() -> None:
    program = Path("/bin/true").resolve()
    done = subprocess.run(
        [sys.executable, "-c", CONFINED, str(program)], capture_output=True, text=True, check=False
    )
    assert (done.stdout.split(), done.stderr) == (["0", "refused"], "")


def write_scratch() -> Iterator[str]:
    import tempfile

    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(b"x")
        yield file.name


def test_the_scratch_folder_of_a_worker_is_gone_after_it() -> None:
    (message, _) = run(Job(f"{HERE}:write_scratch", (), "a"))
    assert "docextract-scratch-" in message.payload
    assert not Path(message.payload).parent.exists()
