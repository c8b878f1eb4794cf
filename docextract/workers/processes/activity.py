"""What the system tells of a process: whether a signal holds it, and how much it has worked.

Knows nothing of workers. Linux alone tells it of a process that another one has started (proc(5)).
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_PROCESSES = Path("/proc")
_CPU_FIELDS = slice(11, 15)
"""Ticks in user mode and in the kernel, its own and those of children that have ended."""


def is_stopped(pid: int) -> bool:
    """Return whether a signal holds a process; False where the system does not tell."""
    try:
        return _fields(pid)[:1] == [b"T"]
    except OSError:
        return False


def cpu_seconds(pid: int) -> float | None:
    """Return the CPU time of a process and its children, or None where the system does not tell."""
    try:
        num_ticks = _num_ticks(pid)
    except OSError:
        return None
    for child in _children(pid):
        with suppress(OSError):  # it has ended meanwhile
            num_ticks += _num_ticks(child)
    return num_ticks / os.sysconf("SC_CLK_TCK")


def _num_ticks(pid: int) -> int:
    return sum(map(int, _fields(pid)[_CPU_FIELDS]))


def _fields(pid: int) -> list[bytes]:
    """Return what stands behind the name, which is in brackets and may hold anything."""
    return (_PROCESSES / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()


def _children(pid: int) -> list[int]:
    try:
        told = (_PROCESSES / str(pid) / "task" / str(pid) / "children").read_bytes()
    except OSError:  # not every kernel names them
        return []
    return list(map(int, told.split()))
