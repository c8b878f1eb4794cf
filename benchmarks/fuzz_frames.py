"""Forges what a worker sends: frames of a real document, changed by byte and by leaf.

Knows nothing of processes: both ends of the socket are here.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from random import Random

from fuzz_mutations import mutate
from fuzz_seeds import FIXTURES

from docextract.core import Document, ReadOptions
from docextract.documents.opening import open_document
from docextract.workers import Job
from docextract.workers.border.frames import FrameReader, send_frame
from docextract.workers.border.leaves import ProtocolError
from docextract.workers.border.plain import flatten
from docextract.workers.border.statements import Hearing

_JOB = Job("docextract.documents.opening:open_job", (), "key")
_MAX_BYTES = 1 << 20
_ROOM_BYTES = 100_000
"""What a socket takes although nobody reads."""


def forge(rng: Random) -> str:
    """Send one forged statement, and return how it broke its reader; empty where it did not."""
    hearing = Hearing(_JOB, 100)
    statement = rng.choice(_statements())
    sent = _as_sent([hearing.token, *statement], rng)[:_ROOM_BYTES]
    theirs, ours = socket.socketpair()
    with ours, theirs:
        theirs.sendall(sent)
        theirs.shutdown(socket.SHUT_WR)
        reader = FrameReader(ours, _MAX_BYTES)
        try:
            with suppress(EOFError, ProtocolError):
                while True:
                    for frame in reader.read():
                        hearing.understand(frame)
        except Exception as error:  # whatever it is, it would end a run
            return f"{type(error).__name__}: {error}"[:200]
        finally:
            reader.close()
    return ""


@cache
def _statements() -> list[list[object]]:
    path = FIXTURES / "invoices" / "alder-finch.pdf"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    document = Document(str(path), os.fsencode(path), digest)
    parts = open_document(document, ReadOptions())
    return [["finished"], ["failed", "corrupt", "It is damaged.", "", 1, None], *_messages(parts)]


def _messages(parts: Iterator[object]) -> Iterator[list[object]]:
    for part in parts:
        yield ["message", part]


def _as_sent(statement: list[object], rng: Random) -> bytes:
    text, buffers = flatten(statement)
    if rng.random() < 0.7:
        for _ in range(rng.choice((1, 3))):
            text = mutate("answers", text, text, rng).strip()
        json.loads(text)
    theirs, ours = socket.socketpair()
    with ours, theirs:
        send_frame(theirs, text[:_ROOM_BYTES], buffers)
        sent = ours.recv(2 * _ROOM_BYTES)
    return mutate("image", sent, sent, rng) if rng.random() < 0.4 else sent
