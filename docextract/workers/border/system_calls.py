"""Takes system calls from this process, for good, that reading a document never needs.

Knows nothing of jobs. A filter of the kernel (seccomp(2), linux/filter.h) answers them with
``EPERM``: sockets of any kind, whatever the network is, and all that reaches into other processes,
namespaces or the kernel. It holds where no namespace and no Landlock is to be had.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from collections.abc import Iterator
from typing import NamedTuple

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2  # linux/prctl.h, linux/seccomp.h
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_X32 = 0x40000000
"""Calls from here on are those of another form of x86-64, under other numbers."""


class _Machine(NamedTuple):
    """The kernel's mark of an architecture (linux/audit.h), and numbers of system calls on it."""

    mark: int
    refused: tuple[int, ...]
    prlimit: int


_ON_ALL = (425, 434, 438, 424, 440, 428, 429, 430, 431, 432, 442)
"""io_uring_setup, pidfd_open, pidfd_getfd, pidfd_send_signal, process_madvise, and mounts."""

_MACHINES = {
    # socket, connect, bind, ptrace, process_vm_readv, process_vm_writev, setns, unshare, mount,
    # umount2, bpf, add_key, request_key, keyctl, perf_event_open, userfaultfd, open_by_handle_at,
    # setsid, setpgid, kexec_load, init_module, finit_module, delete_module, pivot_root, chroot
    "x86_64": _Machine(
        0xC000003E,
        (
            *(41, 42, 49, 101, 310, 311, 308, 272, 165, 166, 321, 248, 249, 250, 298, 323, 304),
            *(112, 109, 246, 175, 313, 176, 155, 161),
        ),
        302,
    ),
    "aarch64": _Machine(
        0xC00000B7,
        (
            *(198, 203, 200, 117, 270, 271, 268, 97, 40, 39, 280, 217, 218, 219, 241, 282, 265),
            *(157, 154, 104, 105, 273, 106, 41, 51),
        ),
        261,
    ),
}


def refuse_needless_calls() -> bool:
    """Refuse them from now on, and return whether the kernel does.

    The process must have given up new privileges before (``PR_SET_NO_NEW_PRIVS``).
    """
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        return False
    code = b"".join(_program(machine))
    buffer = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: a count of 16 bits, padding, a pointer.
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    done = ctypes.CDLL(None).prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.c_char_p(program), 0, 0)
    return bool(done == 0)


def _program(machine: _Machine) -> Iterator[bytes]:
    """Yield the instructions; a jump counts those it skips, and the last refuses."""
    refused = (*machine.refused, *_ON_ALL)
    num_left = len(refused) + 5
    yield _instruction(_LOAD, _ARCHITECTURE_AT)
    yield _instruction(_IF_EQUAL, machine.mark, 0, num_left + 1)
    yield _instruction(_LOAD, _NUMBER_AT)
    yield _instruction(_IF_AT_LEAST, _X32, num_left - 1, 0)
    for place, number in enumerate(refused):
        yield _instruction(_IF_EQUAL, number, num_left - place - 2, 0)
    # Limits of its own may be set (its process number is then 0), those of others not.
    yield _instruction(_IF_EQUAL, machine.prlimit, 0, 2)
    yield _instruction(_LOAD, _FIRST_ARGUMENT_AT)
    yield _instruction(_IF_EQUAL, 0, 0, 1)
    yield _instruction(_RETURN, _ALLOW)
    yield _instruction(_RETURN, _REFUSE)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
