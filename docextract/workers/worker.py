"""One worker process: runs jobs under limits and answers over its socket.

Knows nothing of what the jobs do, nor of the pool that feeds it.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import re
import resource
import shutil
import signal
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docextract.core import HINTS, DocumentError, Reason, SetupError, describe_bug
from docextract.workers.border import landlock, system_calls
from docextract.workers.border.frames import receive_job, send_frame
from docextract.workers.border.plain import flatten

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITIES_VERSION = 0x20080522  # linux/capability.h
_MAY_READ_ANY_FILE = 1 << 1 | 1 << 2
_CLONE_NEWUSER = 0x10000000  # linux/sched.h
_CLONE_NEWNET = 0x40000000
_PROGRAMS = ("pdftoppm", "pdfinfo")
"""All that is started in a worker: poppler's."""
_LOADER = re.compile(rb"/[\w./+-]*/ld[\w.-]*\.so[.\d]*")
_INTERPRETER = re.compile(rb"#! *(/[^\s]+)")
_HEAD_BYTES = 4096
"""A program names what the system is to load it with in its first page (elf(5), PT_INTERP)."""
_ALLOCATION_FAILURES = ("bad_alloc", "bad allocation", "Failed to allocate memory")
_OUT_OF_MEMORY = (
    "failed",
    Reason.OUT_OF_MEMORY,
    "A worker ran out of memory.",
    "",
    None,
    HINTS[Reason.OUT_OF_MEMORY],
)


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """What a worker is told before its first job."""

    module_paths: tuple[str, ...]
    parent_pid: int
    max_memory_bytes: int
    cpu_s: int
    scratch: Path


def main(socket_fd: int) -> None:
    """Serve jobs from the socket until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.set_inheritable(socket_fd, False)
    with socket.socket(fileno=socket_fd) as connection, contextlib.suppress(EOFError, OSError):
        setup: WorkerSetup = receive_job(connection)
        sys.path.extend(path for path in setup.module_paths if path not in sys.path)
        _leave_network()
        _die_with(setup.parent_pid)
        _limit_memory(setup.max_memory_bytes)
        landlock.confine([setup.scratch], [Path(os.devnull)], _programs())
        system_calls.refuse_needless_calls()
        send_frame(connection, *flatten(["ready"]))
        while True:
            token, function, args = receive_job(connection)
            _run_job(connection, token, function, args, setup.cpu_s)


def _programs() -> list[Path]:
    """Return what may be executed, with what the system loads it by."""
    return [
        path
        for name in _PROGRAMS
        if (found := shutil.which(name))
        for path in with_loader(Path(found).resolve())
    ]


def with_loader(program: Path) -> list[Path]:
    """Return a program and what the system needs to execute for it: an interpreter, a loader."""
    with program.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if script := _INTERPRETER.match(head):
        return [program, *with_loader(Path(os.fsdecode(script[1])).resolve())]
    named = _LOADER.search(head)
    return [program, *([Path(os.fsdecode(named[0]))] if named else [])]


def _leave_network() -> None:
    """Give up the network and new privileges, where the system lets a process do so.

    It must come before ``_die_with``: taking on a user namespace takes that order back.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # A user namespace of its own would take from root what it may read.
    libc.unshare(_CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWNET | _CLONE_NEWUSER)
    _give_up_powers(libc)


def _give_up_powers(libc: ctypes.CDLL) -> None:
    """Keep of root's powers that of reading files: one with the others sees what all others do."""
    header = struct.pack("=Ii", _CAPABILITIES_VERSION, 0)
    given = (ctypes.c_uint32 * 6)()
    if libc.capget(ctypes.c_char_p(header), given) == 0:
        kept = given[1] & _MAY_READ_ANY_FILE
        data = struct.pack("=6I", kept, kept, 0, 0, 0, 0)
        libc.capset(ctypes.c_char_p(header), ctypes.c_char_p(data))


def _die_with(parent_pid: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        raise EOFError


def _limit_memory(max_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # macOS refuses RLIMIT_AS; the other limits still hold there.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (max_bytes, max_bytes))


def _arm_cpu_limit(cpu_s: int) -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime) + 1 + cpu_s
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _run_job(
    connection: socket.socket, token: str, function: str, args: tuple[Any, ...], cpu_s: int
) -> None:
    """Send what one job yields; whatever it raises is sent last."""
    try:
        _arm_cpu_limit(cpu_s)
        for payload in _load(function)(*args):
            send_frame(connection, *flatten([token, "message", payload]))
            _arm_cpu_limit(cpu_s)
        end: tuple[Any, ...] = ("finished",)
    except DocumentError as error:
        end = ("failed", error.reason, str(error), "", error.page, error.hint)
    except SetupError as error:
        end = ("setup", str(error), error.hint)
    except MemoryError:
        end = _OUT_OF_MEMORY
    except ConnectionError:  # the run is gone, and with it whoever could be told
        raise
    except Exception as error:  # the boundary of a job: a bug in it is its failure
        end = _failure(error)
    send_frame(connection, *flatten([token, *end]))


def _failure(error: Exception) -> tuple[Any, ...]:
    if any(phrase in str(error) for phrase in _ALLOCATION_FAILURES):
        return _OUT_OF_MEMORY
    return "failed", Reason.INTERNAL, *describe_bug(error), None, None


def _load(function: str) -> Callable[..., Iterator[Any]]:
    module, _, name = function.partition(":")
    loaded: Callable[..., Iterator[Any]] = getattr(importlib.import_module(module), name)
    return loaded
