"""Jobs for workers that do no harm, and an argument that kills whoever is sent it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from docextract.core import Document


def size(document: Document, _: object = None) -> Iterator[int]:
    yield len(Path(os.fsdecode(document.place)).read_bytes())


def weighed(document: Document) -> Iterator[Document]:
    for num_bytes in size(document):
        yield replace(document, num_bytes=num_bytes)


class Poison:
    """Kills the process that takes it out of a parcel: a worker itself can kill nobody."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.kill, (_Own(), signal.SIGKILL)


class _Own:
    """The number of the process that it is taken out in."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.getpid, ()
