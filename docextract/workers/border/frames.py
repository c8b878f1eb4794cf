"""Length-prefixed frames over a socket pair between the run and its worker processes.

Knows nothing of jobs, documents or processes. What a worker sends is not trusted: sizes are
checked before memory is taken, and nothing but JSON and raw buffers is read from it. What the run
sends is: jobs go to workers as pickles.

Large buffers, such as a page's pixels, do not go through the socket: they lie in a nameless,
sealed file in memory whose descriptor goes with the frame, so that 10 MB cross with two copies and
no waiting for each other.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import pickle
import socket
import struct
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

from docextract.workers.border.leaves import ProtocolError

VERSION = 1
"""Of the form of what a worker sends; both sides come from one installation."""

_MARK = b"DXW"
_HEAD = struct.Struct(">3sBBHQ")
"""Mark, version, whether a file follows, number of buffers, bytes of JSON; then buffers' sizes."""

_MAX_BUFFERS = 20_000
"""Packed pages of a file that is cut."""
_MAX_INLINE_BYTES = 1 << 16
_MAX_VALUES = 16_000_000
"""Values in one frame: a document of 3000 pages of 500 words, read at once."""

_MAX_INTEGER_DIGITS = 19
_MAX_WAITING_FILES = 8
_LENGTH = struct.Struct(">Q")
_CHUNK_BYTES = 1 << 20
_HAS_SEALS = hasattr(os, "memfd_create")  # Linux alone has it


class Frame(NamedTuple):
    """One statement: a tree of JSON, and the buffers that it names by number."""

    tree: Any
    buffers: Sequence[bytes]


class _Head(NamedTuple):
    """What a frame announces of itself; sizes of buffers are in bytes."""

    has_file: bool
    num_json_bytes: int
    sizes: tuple[int, ...]

    @property
    def start(self) -> int:
        return _HEAD.size + _LENGTH.size * len(self.sizes)

    @property
    def end(self) -> int:
        inline = 0 if self.has_file else sum(self.sizes)
        return self.start + self.num_json_bytes + inline


def send_job(connection: socket.socket, job: object) -> None:
    """Send one object to a worker; blocks until it has room for it."""
    body = pickle.dumps(job, protocol=pickle.HIGHEST_PROTOCOL)
    connection.sendall(_LENGTH.pack(len(body)))
    connection.sendall(body)


def receive_job(connection: socket.socket) -> Any:
    """Return the next object from the run, the trusted side; blocks until it is there.

    Raises:
        EOFError: the other side is gone.
    """
    (length,) = _LENGTH.unpack(_read_exactly(connection, _LENGTH.size))
    return pickle.loads(_read_exactly(connection, length))


def _read_exactly(connection: socket.socket, num_bytes: int) -> bytes:
    parts = bytearray()
    while len(parts) < num_bytes:
        chunk = connection.recv(min(_CHUNK_BYTES, num_bytes - len(parts)))
        if not chunk:
            raise EOFError
        parts += chunk
    return bytes(parts)


def send_frame(connection: socket.socket, text: bytes, buffers: Sequence[memoryview]) -> None:
    """Send one statement to the run: JSON in ASCII, and the buffers that it names by number."""
    sizes = [view.nbytes for view in buffers]
    has_file = _HAS_SEALS and sum(sizes) > _MAX_INLINE_BYTES
    head = _HEAD.pack(_MARK, VERSION, has_file, len(sizes), len(text))
    told = head + struct.pack(f">{len(sizes)}Q", *sizes)
    if not has_file:
        connection.sendall(b"".join([told, text, *buffers]))
        return
    descriptor = _sealed_file(buffers)
    try:
        num_sent = socket.send_fds(connection, [told], [descriptor])
    finally:
        os.close(descriptor)
    connection.sendall(told[num_sent:] + text)


def _sealed_file(buffers: Sequence[memoryview]) -> int:
    """Return the descriptor of a file in memory that nobody can change any more."""
    descriptor = os.memfd_create("pages", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with os.fdopen(os.dup(descriptor), "wb", buffering=0) as file:
        for view in buffers:
            _write_all(file, view)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
    return descriptor


def _write_all(file: io.RawIOBase, view: memoryview) -> None:
    written = 0
    while written < view.nbytes:
        written += file.write(view[written:]) or 0


_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW if _HAS_SEALS else 0


class FrameReader:
    """Cuts what an untrusted worker sends into frames, without ever waiting for the rest.

    Args:
        connection: a socket that is readable when ``read`` is called.
        max_bytes: a longer frame is refused before it is stored.
    """

    def __init__(self, connection: socket.socket, max_bytes: int) -> None:
        self._connection = connection
        self._max_bytes = max_bytes
        self._pending = bytearray()
        self._files: deque[int] = deque()

    def close(self) -> None:
        """Let go of buffers that were sent and never asked for."""
        while self._files:
            os.close(self._files.popleft())

    def read(self) -> list[Frame]:
        """Return the frames that are complete after one read of the socket.

        Raises:
            EOFError: the worker is gone.
            ProtocolError: what it sent is too long, or no frame.
        """
        try:
            chunk, files, _, _ = socket.recv_fds(self._connection, _CHUNK_BYTES, _MAX_WAITING_FILES)
        except ConnectionResetError as error:
            raise EOFError from error
        self._files.extend(files)
        if len(self._files) > _MAX_WAITING_FILES:
            raise ProtocolError("a worker sent files that belong to nothing")
        if not chunk:
            raise EOFError
        self._pending += chunk
        frames = []
        while (frame := self._next_frame()) is not None:
            frames.append(frame)
        return frames

    def _next_frame(self) -> Frame | None:
        head = self._next_head()
        if head is None or len(self._pending) < head.end:
            return None
        body = bytes(memoryview(self._pending)[head.start : head.end])
        del self._pending[: head.end]
        if head.has_file:
            return Frame(_parsed(body), self._read_file(head.sizes))
        cut = head.num_json_bytes
        return Frame(_parsed(body[:cut]), _cut(body[cut:], head.sizes))

    def _next_head(self) -> _Head | None:
        if len(self._pending) < _HEAD.size:
            return None
        mark, version, has_file, num_buffers, num_bytes = _HEAD.unpack_from(self._pending)
        if (mark, version) != (_MARK, VERSION) or has_file not in (0, 1):
            raise ProtocolError("a worker sent no frame")
        if num_buffers > _MAX_BUFFERS or num_bytes > self._max_bytes:
            raise ProtocolError(f"a worker announced {num_bytes} bytes, {num_buffers} buffers")
        if len(self._pending) < _HEAD.size + _LENGTH.size * num_buffers:
            return None
        sizes = struct.unpack_from(f">{num_buffers}Q", self._pending, _HEAD.size)
        if sum(sizes) > (self._max_bytes if has_file else self._max_inline_bytes):
            raise ProtocolError(f"a worker announced buffers of {sum(sizes)} bytes")
        return _Head(bool(has_file), num_bytes, sizes)

    @property
    def _max_inline_bytes(self) -> int:
        return min(_MAX_INLINE_BYTES, self._max_bytes) if _HAS_SEALS else self._max_bytes

    def _read_file(self, sizes: Sequence[int]) -> list[bytes]:
        """Return the buffers in the file that came with a frame; never more than announced."""
        if not self._files:
            raise ProtocolError("a worker sent no file with its buffers")
        with os.fdopen(self._files.popleft(), "rb", buffering=0) as file:
            _require_sealed(file.fileno())
            if os.fstat(file.fileno()).st_size != sum(sizes):
                raise ProtocolError("a worker sent buffers of another size than announced")
            file.seek(0)
            return [file.read(size) or b"" for size in sizes]


def _require_sealed(descriptor: int) -> None:
    """Raise unless it is a file in memory that cannot be cut while it is read, or never answer."""
    try:
        seals = fcntl.fcntl(descriptor, fcntl.F_GET_SEALS)
    except OSError as error:
        raise ProtocolError("a worker sent a file that is not in memory") from error
    if seals & _SEALS != _SEALS:
        raise ProtocolError("a worker sent buffers that it can still change")


def _cut(data: bytes, sizes: Sequence[int]) -> list[bytes]:
    found, start = [], 0
    for size in sizes:
        found.append(data[start : start + size])
        start += size
    return found


def _parsed(text: bytes) -> Any:
    """Return a tree of JSON; what it would fill in memory is bounded before it is built."""
    if sum(map(text.count, (b",", b"[", b"{"))) > _MAX_VALUES:
        raise ProtocolError("a worker sent too many values")
    try:
        return json.loads(text.decode("ascii"), parse_int=_integer)
    except (ValueError, RecursionError, MemoryError) as error:
        raise ProtocolError("a worker sent no JSON") from error


def _integer(digits: str) -> int:
    """Return a whole number that every part of the run, SQLite too, can hold."""
    number = int(digits) if len(digits) <= _MAX_INTEGER_DIGITS else 1 << 63
    if not -(1 << 63) < number < 1 << 63:
        raise ProtocolError("a worker sent a number without end")
    return number
