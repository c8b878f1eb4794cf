"""Starts, feeds and kills one worker process and its process group.

Knows nothing of queues, deadlines or what the jobs mean.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from docextract.core import ReadOptions, Scratch
from docextract.workers.border.frames import Frame, FrameReader, send_job
from docextract.workers.processes import activity
from docextract.workers.processes.nursery import IS_POSSIBLE, Forked, fork_worker
from docextract.workers.processes.reaping import Ending, end_process
from docextract.workers.worker import WorkerSetup

_KEPT_VARIABLES = frozenset(
    {
        "PATH",
        "HOME",
        "LANG",
        "LANGUAGE",
        "TZ",
        "SYSTEMROOT",
        "PYTHONPATH",
        "PYTHONHOME",
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
    }
)
"""All a worker inherits: tokens and passwords of the user's shell stay out of its reach."""

_SET_VARIABLES = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    # Page images then use memory again that is mapped already: 51 -> 40 ms of CPU a page.
    "MALLOC_MMAP_THRESHOLD_": str(64 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(128 * 2**20),
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
}
_BOOT = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from docextract.workers.worker import main; main(int(sys.argv[2]))"
)
_PACKAGE_ROOT = str(Path(__file__).resolve().parents[3])
_FULL_SHARE = 0.75
"""Of the address space that may be taken, libraries leave about a tenth unused."""

_SENT_FROM_OUTSIDE = frozenset(
    -number for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
)
"""Return codes; SIGKILL also comes from a system that is out of memory."""

_FRAME_SLACK_BYTES = 64 * 2**20


def worker_environment(scratch: Path) -> dict[str, str]:
    """Return the environment of a worker: a few harmless variables, one thread each.

    Args:
        scratch: where its temporary files go.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT_VARIABLES or name.startswith("LC_")
    }
    return kept | _SET_VARIABLES | {"TMPDIR": str(scratch)}


class WorkerProcess:
    """A running worker, the leader of its own session and process group.

    Attributes:
        connection: its socket; readable when it has something to say or is dead.
        epitaph: after ``kill``, how it died, e.g. ``SIGSEGV``.
    """

    def __init__(self, limits: ReadOptions) -> None:
        self.connection, theirs = socket.socketpair()
        self._scratch = Scratch()
        with theirs:
            environment = worker_environment(self._scratch.path)
            self._process = _started(theirs.fileno(), environment)
        # A stopped worker must not block the run when a large job is sent to it.
        self.connection.settimeout(limits.page_timeout_s)
        self._reader = FrameReader(
            self.connection, max_bytes=limits.max_pixels * 3 + _FRAME_SLACK_BYTES
        )
        self.epitaph = ""
        self._ending: Ending | None = None
        self._max_memory_bytes = limits.max_memory_bytes
        self._say(
            WorkerSetup(
                module_paths=tuple(path for path in sys.path if path),
                parent_pid=self._process.parent_pid,
                max_memory_bytes=limits.max_memory_bytes,
                cpu_s=limits.page_cpu_s,
                scratch=self._scratch.path,
            )
        )

    @property
    def pid(self) -> int:
        """The process id, also that of its process group."""
        return self._process.pid

    @property
    def has_used_up_cpu(self) -> bool:
        """Whether it was killed by its CPU limit."""
        return self._returncode == -signal.SIGXCPU

    @property
    def was_killed(self) -> bool:
        """Whether somebody else ended it: no document makes a process send itself these."""
        return self._returncode in _SENT_FROM_OUTSIDE

    @property
    def is_stopped(self) -> bool:
        """Whether a signal holds it; False where the system does not tell."""
        return activity.is_stopped(self.pid)

    def cpu_seconds(self) -> float | None:
        """Return the CPU time it and its programs used; None where the system does not tell."""
        return activity.cpu_seconds(self.pid)

    @property
    def has_used_up_memory(self) -> bool:
        """Whether it died with its memory full: PDFium aborts where it gets no more."""
        peak_bytes = self._ending.peak_bytes if self._ending else 0
        return peak_bytes >= _FULL_SHARE * self._max_memory_bytes

    def start_job(self, token: str, function: str, args: tuple[Any, ...]) -> None:
        """Send a job under a name; if the worker is dead, the next ``read`` says so."""
        self._say((token, function, args))

    def read(self) -> list[Frame]:
        """Return the frames that have arrived completely.

        Raises:
            EOFError: the worker is dead.
            ProtocolError: it sent no acceptable frame.
        """
        return self._reader.read()

    def kill(self) -> None:
        """Kill the process group, reap the worker, close the socket; safe to repeat."""
        if self._ending is None:
            self._ending = self._process.end(is_dying=self.is_closed())
        self._reader.close()
        self.connection.close()
        self._scratch.remove()
        self.epitaph = _describe(self._returncode)

    @property
    def _returncode(self) -> int | None:
        return self._ending.returncode if self._ending else None

    def _say(self, job: object) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, TimeoutError):
            send_job(self.connection, job)

    def is_silent(self) -> bool:
        """Return whether it lives and has nothing to say, as one without a job should."""
        return not wait([self.connection], 0)

    def is_closed(self) -> bool:
        """Return whether its end of the socket is closed: it is dead or about to be."""
        try:
            return bool(wait([self.connection], 0)) and not self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True


class _Spawned:
    """A worker that is an interpreter of its own."""

    def __init__(self, descriptor: int, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _BOOT, _PACKAGE_ROOT, str(descriptor)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            pass_fds=(descriptor,),
            start_new_session=True,
        )
        self.pid = self._process.pid
        self.parent_pid = os.getpid()

    def end(self, *, is_dying: bool) -> Ending:
        ending = end_process(self.pid, is_dying=is_dying)
        self._process.returncode = ending.returncode
        return ending


def _started(descriptor: int, environment: dict[str, str]) -> Forked | _Spawned:
    if IS_POSSIBLE:
        with contextlib.suppress(OSError):
            return fork_worker(descriptor, environment, _without_folder(environment))
    return _Spawned(descriptor, environment)


def _without_folder(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name != "TMPDIR"}


def _describe(returncode: int | None) -> str:
    if returncode is None:
        return "still running"
    if returncode >= 0:
        return f"exit status {returncode}"
    try:
        name = signal.Signals(-returncode).name
    except ValueError:
        return f"signal {-returncode}"
    if name == "SIGKILL":
        return "SIGKILL, perhaps by the system for lack of memory"
    return name
