"""Looks at the machine a run would have: what works, what does not, and what helps.

Knows nothing of documents, nor of how its findings are shown; goes on no network but to a
server that was named.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from docextract.doctor.finding import Finding, Level
from docextract.doctor.machine import disk, processor, python
from docextract.doctor.model import model_engine
from docextract.doctor.reading_trial import guards, packages, renderer, trial
from docextract.doctor.server import server_engine

__all__ = ["Finding", "Level", "examine"]


def examine(engine: str, model: str | None, out: Path, url: str | None = None) -> Iterator[Finding]:
    """Yield what there is to say, each as soon as it is known.

    Args:
        engine: the engine a run is to use, ``auto`` for the best that is there.
        model: folder with weights, if there is one.
        out: the output folder a run is to use; it need not exist.
        url: of the server that is to be asked, if there is one.
    """
    yield from python()
    yield from processor()
    yield from disk(out)
    yield from packages()
    yield from trial()
    yield from guards()
    yield renderer()
    if url is not None or engine == "server":
        yield server_engine(url, model)
    else:
        yield from model_engine(engine, model)
