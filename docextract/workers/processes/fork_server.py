"""The process that forks workers when the nursery of a run asks it to.

Knows nothing of jobs, and never sees a document. It must stay at one thread: what others hold would
stay held in a fork for ever.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import signal
import socket
import time
from typing import Any, NoReturn

from docextract.workers.processes.nursery import MAX_LINE_BYTES
from docextract.workers.processes.reaping import end_process, peak_bytes
from docextract.workers.worker import main

_PRELOADED = (
    "docextract.pipeline.worker_task",
    "docextract.pipeline.splitting.part_reading",
    "docextract.documents.pdf.pdf_file",
    "docextract.engine.text.engine",
    "docextract.schema.types",
)
"""Only ours and what they import: no document, no schema, no model, no OCR."""

_MANY_OBJECTS = 20_000
"""So many more are there before garbage is looked for. Reading makes them by the thousand, and what
is no longer used frees itself: looking after every 700 takes a twentieth of the time of a page."""


def serve(descriptor: int) -> NoReturn:
    """Import, then fork workers until the line is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.set_inheritable(descriptor, False)
    # What is imported stays: to look for garbage in it costs, and would unshare its memory.
    gc.disable()
    for name in _PRELOADED:
        # A worker says in its own words what this machine lacks.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.freeze()
    gc.set_threshold(_MANY_OBJECTS)
    gc.enable()
    with socket.socket(fileno=descriptor) as line:
        while True:
            data, descriptors, *_ = socket.recv_fds(line, MAX_LINE_BYTES, 1)
            if not data:
                os._exit(0)
            request = json.loads(data)
            answer = _forked(line, descriptors[0], request) if descriptors else _told(request)
            line.send(json.dumps({"token": request["token"], **answer}).encode("ascii"))


def _told(request: dict[str, Any]) -> dict[str, int]:
    if "peak" in request:
        return {"peak_bytes": peak_bytes(resource.getrusage(resource.RUSAGE_CHILDREN))}
    return end_process(request["end"], is_dying=request["is_dying"])._asdict()


def _forked(line: socket.socket, descriptor: int, request: dict[str, Any]) -> dict[str, int]:
    try:
        pid = os.fork()
    except OSError:  # no more processes are allowed: the pool sees that the socket is closed
        pid = -1
    if pid:
        os.close(descriptor)
        return {"pid": max(pid, 0)}
    try:
        line.close()
        _begin(request)
        main(descriptor)
    finally:
        os._exit(0)


def _begin(request: dict[str, Any]) -> None:
    """Become what an interpreter started for this worker would be."""
    os.setsid()
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    importlib.invalidate_caches()
    with contextlib.suppress(OSError):
        os.chdir(request["folder"])
