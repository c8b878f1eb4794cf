"""Has workers forked by one process that has imported what they need.

Knows nothing of jobs. That process (``fork_server``) never sees a document: it imports, and forks
whenever it is asked to, which takes milliseconds where a new interpreter takes most of a second of
a core. It ends when the process that asks it does. Only on Linux may such a process be forked
safely; elsewhere each worker is an interpreter of its own.
"""

from __future__ import annotations

import atexit
import json
import os
import resource
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from functools import cache
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

from docextract.workers.processes.reaping import Ending, peak_bytes

IS_POSSIBLE = sys.platform == "linux"

_BOOT = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from docextract.workers.processes.fork_server import serve; serve(int(sys.argv[2]))"
)
_PACKAGE_ROOT = str(Path(__file__).resolve().parents[3])
MAX_LINE_BYTES = 2**17
"""A few environment variables and a folder."""


class Nursery:
    """The process, and the line to it; any thread may use it.

    Args:
        environment: variables of the process; those that libraries read when they are loaded hold
            for all workers.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _BOOT, _PACKAGE_ROOT, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        self._owner_pid = os.getpid()
        self._lock = Lock()
        self._tokens = count()
        self._answers = dict[int, dict[str, Any]]()
        self.is_gone = False
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._line.close)

    @property
    def pid(self) -> int:
        """The process id: the parent of the workers."""
        return self._process.pid

    def fork(self, descriptor: int, environment: dict[str, str]) -> Forked:
        """Have a worker forked that serves a socket; it need not be there yet on return.

        Args:
            descriptor: the worker's end of its socket.
            environment: all of its variables.

        Raises:
            OSError: the process is gone.
        """
        request = {"environment": environment, "folder": str(Path.cwd())}
        with self._lock:
            return Forked(self, self._send(request, [descriptor]))

    def end(self, pid: int, *, is_dying: bool) -> Ending:
        """End a worker; see ``end_process``. Workers die with this process, by a signal."""
        try:
            with self._lock:
                token = self._send({"end": pid, "is_dying": is_dying}, [])
            return Ending(**self.answer(token))
        except OSError:
            return Ending(-signal.SIGKILL, 0)

    def peak_bytes(self) -> int:
        """Return the most memory any worker held that has ended; 0 where the process is gone."""
        try:
            with self._lock:
                token = self._send({"peak": True}, [])
            return int(self.answer(token)["peak_bytes"])
        except OSError:
            return 0

    def answer(self, token: int) -> dict[str, Any]:
        """Return what was answered to a request, when it is.

        Raises:
            OSError: the process is gone.
        """
        with self._lock:
            while token not in self._answers:
                data = self._line.recv(MAX_LINE_BYTES)
                if not data:
                    self.is_gone = True
                    raise ConnectionResetError("the nursery is gone")
                told = json.loads(data)
                self._answers[told.pop("token")] = told
            return self._answers.pop(token)

    def close(self) -> None:
        """End the process, and with it all workers that it forked."""
        if os.getpid() != self._owner_pid:  # a fork of its owner inherits what is done at exit
            return
        self.is_gone = True
        atexit.unregister(self.close)
        self._line.close()
        self._process.kill()
        self._process.wait()

    def _send(self, request: dict[str, Any], descriptors: list[int]) -> int:
        token = next(self._tokens)
        data = json.dumps({"token": token, **request}).encode("ascii")
        try:
            socket.send_fds(self._line, [data], descriptors)
        except OSError:
            self.is_gone = True
            raise
        return token


class Forked:
    """One worker that was asked for."""

    def __init__(self, nursery: Nursery, token: int) -> None:
        self._nursery, self._token = nursery, token
        self._pid: int | None = None
        self.parent_pid = nursery.pid

    @property
    def pid(self) -> int:
        """The process id, once there is one; 0 where there will never be."""
        if self._pid is None:
            try:
                self._pid = int(self._nursery.answer(self._token)["pid"])
            except OSError:
                self._pid = 0
        return self._pid

    def end(self, *, is_dying: bool) -> Ending:
        """End it; see ``end_process``."""
        if not self.pid:
            return Ending(-signal.SIGKILL, 0)
        return self._nursery.end(self.pid, is_dying=is_dying)


@cache
def _held(owner_pid: int) -> list[Nursery]:
    """Return where the nursery of a process is kept: one that was forked makes its own."""
    return []


def fork_worker(descriptor: int, environment: dict[str, str], lasting: dict[str, str]) -> Forked:
    """Have a worker forked by the nursery of this process; a new one is made where it is gone.

    Args:
        descriptor: the worker's end of its socket.
        environment: all variables of the worker.
        lasting: variables of the nursery, if it must be started.

    Raises:
        OSError: no process may be started, or this one's folder is gone.
    """
    held = _held(os.getpid())
    with suppress(ConnectionError):
        if held and not held[0].is_gone:
            return held[0].fork(descriptor, environment)
    while held:
        held.pop().close()
    held.append(Nursery(lasting))
    return held[0].fork(descriptor, environment)


def peak_worker_bytes() -> int:
    """Return the most memory any worker of this process held, of those that have ended."""
    held = _held(os.getpid())
    own = peak_bytes(resource.getrusage(resource.RUSAGE_CHILDREN))
    return max(own, held[0].peak_bytes() if held else 0)
