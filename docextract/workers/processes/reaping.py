"""Ends a process that this one started, with all of its process group.

Knows nothing of what the process did.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import time
from typing import NamedTuple

_LONGEST_DYING_S = 2.0


class Ending(NamedTuple):
    """How a process ended.

    Attributes:
        returncode: its exit status, or minus the number of the signal that killed it.
        peak_bytes: the most memory it held.
    """

    returncode: int
    peak_bytes: int


def end_process(pid: int, *, is_dying: bool) -> Ending:
    """Kill the process group of a child and reap the child.

    Args:
        pid: the child, leader of its group.
        is_dying: whether it is about to end by itself; it is given a moment, so that its status
            tells the true cause.
    """
    if is_dying:
        _wait_without_reaping(pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    return Ending(os.waitstatus_to_exitcode(status), peak_bytes(usage))


def peak_bytes(usage: resource.struct_rusage) -> int:
    """Return the most memory that was held: Linux counts it in KiB (getrusage(2))."""
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _wait_without_reaping(pid: int) -> None:
    """Wait a moment for a dying process.

    The zombie stays in place: its process group id cannot be taken by another process
    before the group is killed.
    """
    deadline = time.monotonic() + _LONGEST_DYING_S
    flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
    while time.monotonic() < deadline:
        with contextlib.suppress(ChildProcessError):
            if os.waitid(os.P_PID, pid, flags) is not None:
                return
        time.sleep(0.002)
