"""Length-prefixed pickles over a socket pair between the run and its worker processes.

Knows nothing of jobs, documents or processes. What a worker sends is not trusted: its
length is checked before memory is taken, and only plain data can be unpickled from it.
"""

from __future__ import annotations

import io
import pickle
import socket
import struct
from typing import Any

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

    def read(self) -> list[Any]:
        """Return the objects that are complete after one read of the socket.

        Raises:
            EOFError: the worker is gone.
            ProtocolError: the frame is too long or holds more than plain data.
        """
        try:
            chunk = self._connection.recv(_CHUNK_BYTES)
        except ConnectionResetError as error:
            raise EOFError from error
        if not chunk:
            raise EOFError
        self._pending += chunk
        frames = []
        while (frame := self._next_body()) is not None:
            frames.append(_unpickle(frame))
        return frames

    def _next_body(self) -> bytes | None:
        if len(self._pending) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._pending)
        if length > self._max_bytes:
            raise ProtocolError(f"a worker announced {length} bytes")
        end = _LENGTH.size + length
        if len(self._pending) < end:
            return None
        body = bytes(memoryview(self._pending)[_LENGTH.size : end])
        del self._pending[:end]
        return body


def _unpickle(body: bytes) -> Any:
    try:
        return _PlainUnpickler(io.BytesIO(body)).load()
    except ProtocolError:
        raise
    except Exception as error:  # a hostile pickle can raise anything at all
        raise ProtocolError(f"a worker sent no pickle: {error}") from error
