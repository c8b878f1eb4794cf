"""Length-prefixed pickles over a socket pair between the run and its worker processes.

Knows nothing of jobs, documents or processes. What a worker sends is not trusted: its
length is checked before memory is taken, and only plain data can be unpickled from it.

Large buffers (``pickle.PickleBuffer``, such as a page's pixels) do not go through the socket:
they lie in a nameless file in memory whose descriptor goes with the frame, so that 10 MB cross
with two copies and no waiting for each other.
"""

from __future__ import annotations

import io
import os
import pickle
import socket
import stat
import struct
from collections import deque
from collections.abc import Sequence
from typing import Any

_WITH_BUFFERS = 1 << 63
"""Set in a frame's length where a file with buffers goes with it; their sizes then come first."""

_MAX_WAITING_FILES = 8
_LENGTH = struct.Struct(">Q")
_CHUNK_BYTES = 1 << 20
_PLAIN_BUILTINS = frozenset({"set", "frozenset", "bytearray", "complex", "range", "slice"})
_PLAIN_CLASSES = frozenset(
    {
        ("datetime", "date"),
        ("datetime", "datetime"),
        ("datetime", "time"),
        ("datetime", "timedelta"),
        ("decimal", "Decimal"),
        ("collections", "OrderedDict"),
        ("collections", "Counter"),
    }
)


class ProtocolError(Exception):
    """The other side sent something that is no acceptable frame."""


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Return the class, if it is plain data: a hijacked worker must not call code."""
        is_own = module == "docextract" or module.startswith("docextract.")
        is_plain = module == "builtins" and name in _PLAIN_BUILTINS
        if not (is_own or is_plain or (module, name) in _PLAIN_CLASSES):
            raise ProtocolError(f"a worker sent a {module}.{name}")
        found = super().find_class(module, name)
        if not isinstance(found, type):
            raise ProtocolError(f"a worker sent {module}.{name}, which is no class")
        return found


def encode(frame: object) -> bytes:
    """Return one picklable object as the body of a frame."""
    return pickle.dumps(frame, protocol=pickle.HIGHEST_PROTOCOL)


def send_bytes(connection: socket.socket, body: bytes) -> None:
    """Send one frame; blocks until the other side has room for it."""
    connection.sendall(_LENGTH.pack(len(body)))
    connection.sendall(body)


def send_with_buffers(connection: socket.socket, frame: object) -> None:
    """Send one object; its ``PickleBuffer`` s arrive as bytes."""
    if not hasattr(os, "memfd_create"):  # Linux alone has it
        send_bytes(connection, encode(frame))
        return
    buffers: list[pickle.PickleBuffer] = []
    body = pickle.dumps(frame, pickle.HIGHEST_PROTOCOL, buffer_callback=buffers.append)
    if not buffers:
        send_bytes(connection, body)
        return
    views = [buffer.raw() for buffer in buffers]
    sizes = struct.pack(f">Q{len(views)}Q", len(views), *(view.nbytes for view in views))
    length = _LENGTH.pack((len(sizes) + len(body)) | _WITH_BUFFERS)
    descriptor = os.memfd_create("pages", os.MFD_CLOEXEC)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        for view in views:
            _write_all(file, view)
        socket.send_fds(connection, [length], [descriptor])
    connection.sendall(sizes + body)


def _write_all(file: io.RawIOBase, view: memoryview) -> None:
    written = 0
    while written < view.nbytes:
        written += file.write(view[written:]) or 0


def receive_bytes(connection: socket.socket) -> bytes:
    """Return the body of the next frame from the trusted side; blocks until it is there.

    Raises:
        EOFError: the other side is gone.
    """
    (length,) = _LENGTH.unpack(_read_exactly(connection, _LENGTH.size))
    return _read_exactly(connection, length)


def _read_exactly(connection: socket.socket, num_bytes: int) -> bytes:
    parts = bytearray()
    while len(parts) < num_bytes:
        chunk = connection.recv(min(_CHUNK_BYTES, num_bytes - len(parts)))
        if not chunk:
            raise EOFError
        parts += chunk
    return bytes(parts)


class FrameReader:
    """Cuts what an untrusted worker sends into objects, without ever waiting for the rest.

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

    def read(self) -> list[Any]:
        """Return the objects that are complete after one read of the socket.

        Raises:
            EOFError: the worker is gone.
            ProtocolError: the frame is too long or holds more than plain data.
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
            frames.append(_unpickle(*frame))
        return frames

    def _next_frame(self) -> tuple[bytes, Sequence[bytes]] | None:
        if len(self._pending) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._pending)
        has_buffers = bool(length & _WITH_BUFFERS)
        body = self._next_body(length & ~_WITH_BUFFERS)
        if body is None or not has_buffers:
            return None if body is None else (body, ())
        sizes = _unpack_sizes(body)
        return body[_LENGTH.size * (1 + len(sizes)) :], self._read_buffers(sizes)

    def _read_buffers(self, sizes: Sequence[int]) -> list[bytes]:
        """Return the buffers in the file that came with a frame; never more than announced."""
        if not self._files:
            raise ProtocolError("a worker sent no file with its buffers")
        with os.fdopen(self._files.popleft(), "rb", buffering=0) as file:
            found = os.fstat(file.fileno())
            if sum(sizes) > self._max_bytes or not stat.S_ISREG(found.st_mode):
                raise ProtocolError(f"a worker announced buffers of {sum(sizes)} bytes")
            if found.st_size != sum(sizes):
                raise ProtocolError("a worker sent buffers of another size than announced")
            file.seek(0)
            buffers = [file.read(size) or b"" for size in sizes]
        if [len(buffer) for buffer in buffers] != list(sizes):
            raise ProtocolError("a worker took its buffers back")
        return buffers

    def _next_body(self, length: int) -> bytes | None:
        if length > self._max_bytes:
            raise ProtocolError(f"a worker announced {length} bytes")
        end = _LENGTH.size + length
        if len(self._pending) < end:
            return None
        body = bytes(memoryview(self._pending)[_LENGTH.size : end])
        del self._pending[:end]
        return body


def _unpack_sizes(body: bytes) -> tuple[int, ...]:
    try:
        (number,) = _LENGTH.unpack_from(body)
        return struct.unpack_from(f">{min(number, len(body))}Q", body, _LENGTH.size)
    except struct.error as error:
        raise ProtocolError("a worker sent buffers without sizes") from error


def _unpickle(body: bytes, buffers: Sequence[bytes]) -> Any:
    try:
        return _PlainUnpickler(io.BytesIO(body), buffers=buffers).load()
    except ProtocolError:
        raise
    except Exception as error:  # a hostile pickle can raise anything at all
        raise ProtocolError(f"a worker sent no pickle: {error}") from error
