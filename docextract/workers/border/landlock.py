"""Takes from this process, for good, the writing of files, the starting of programs and more.

Knows nothing of jobs. Landlock is Linux's own sandbox for processes without privileges
(linux/landlock.h, Documentation/userspace-api/landlock.rst). Numbers of its system calls are the
same on all architectures. What an older kernel does not know yet is left out.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE = 1 << 0, 1 << 1
_REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))
_BY_VERSION = {2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
"""Moving between folders, cutting files, talking to devices."""

_TCP = 0b11
_SIGNALS_AND_ABSTRACT_SOCKETS = 0b11
_FIRST_WITH_TCP, _FIRST_WITH_SCOPES = 4, 6
_SIZE_BY_VERSION = ((_FIRST_WITH_SCOPES, 24), (_FIRST_WITH_TCP, 16), (1, 8))


def version() -> int:
    """Return which version of Landlock this kernel has; 0 for none."""
    if sys.platform != "linux":
        return 0
    return max(0, _call(_CREATE_RULESET, None, 0, _VERSION))


def confine(writable: Iterable[Path], devices: Iterable[Path], programs: Iterable[Path]) -> bool:
    """Take from this process what it does not need, and return whether the kernel did.

    It writes nowhere else from then on, starts no other program, opens no TCP connection, signals
    nobody outside and looks into no process outside (neither its memory nor its environment).

    Args:
        writable: folders to write in.
        devices: files to write to.
        programs: files that may be executed.
    """
    known = version()
    if not known:
        return False
    handled = _EXECUTE | _WRITE_FILE | _REMOVE_AND_MAKE
    handled |= sum(bit for since, bit in _BY_VERSION.items() if known >= since)
    rules = _ruleset(known, handled)
    if rules < 0:
        return False
    try:
        _allow(rules, writable, handled & ~_EXECUTE)
        _allow(rules, devices, _WRITE_FILE)
        _allow(rules, programs, _EXECUTE)
        return _call(_RESTRICT_SELF, rules, 0) == 0
    finally:
        os.close(rules)


def _ruleset(known: int, handled: int) -> int:
    size = next(size for since, size in _SIZE_BY_VERSION if known >= since)
    attributes = struct.pack("=QQQ", handled, _TCP, _SIGNALS_AND_ABSTRACT_SOCKETS)[:size]
    return _call(_CREATE_RULESET, attributes, size, 0)


def _allow(rules: int, paths: Iterable[Path], rights: int) -> None:
    for path in paths:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:  # what is not there needs no rule
            continue
        try:
            _call(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
        finally:
            os.close(descriptor)


def _call(number: int, *args: int | bytes | None) -> int:
    given = [ctypes.c_long(arg) if isinstance(arg, int) else ctypes.c_char_p(arg) for arg in args]
    return int(ctypes.CDLL(None).syscall(ctypes.c_long(number), *given))
