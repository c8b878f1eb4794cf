"""Whether documents can be read: the packages, and a trial in a worker process.

Knows nothing of engines.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from docextract.core import ReadOptions, Scratch, SetupError
from docextract.doctor.finding import Finding, Level
from docextract.documents.pdf import has_poppler
from docextract.workers import EventSink, Failed, Job, WorkerPool, drive

if TYPE_CHECKING:
    from docextract.doctor.probe import Guard, Probe

_NEEDED = ("pydantic", "pypdfium2", "pillow", "rapidocr", "onnxruntime")
_WAYS = ("text layer", "ocr")
_REINSTALL = "pip install --force-reinstall docextract"
_VERSION_TIMEOUT_S = 10
_MORE_GUARDS = "Linux 6.12 with Landlock has all of it; see docs/security.md."


def packages() -> Iterator[Finding]:
    """Yield whether the packages are there that read documents; none is imported."""
    found = {name: _version(name) for name in _NEEDED}
    missing = [name for name, number in found.items() if number is None]
    if missing:
        told = f"not installed: {', '.join(missing)}"
        yield Finding("packages", Level.BROKEN, told, f"pip install {' '.join(missing)}")
    else:
        told = ", ".join(f"{name} {number}" for name, number in found.items())
        yield Finding("packages", Level.OK, told)


def trial() -> Iterator[Finding]:
    """Yield whether a worker reads a page by its text layer and by OCR."""
    heard = _Trial()
    try:
        with WorkerPool(1, ReadOptions()) as pool:
            drive(pool, [Job("docextract.doctor.probe:probe_job", (), None)], heard)
    except SetupError as error:
        heard.fill(str(error), error.hint)
    yield from heard.told.values()


class _Trial(EventSink):
    """What is told of each way of reading."""

    def __init__(self) -> None:
        self.told: dict[str, Finding] = {}

    def message(self, key: None, payload: Probe) -> None:
        self.told[payload.way] = _told(payload)

    def failed(self, event: Failed) -> None:
        self.fill(f"{event.reason}: {event.message}", event.hint)

    def fill(self, what: str, hint: str) -> None:
        """Say of each way that was not heard of why."""
        for way in _WAYS:
            self.told.setdefault(way, Finding(way, Level.BROKEN, what, hint or _REINSTALL))


def guards() -> Iterator[Finding]:
    """Yield what a worker is kept from on this system, should a file take it over."""
    heard = _Guards()
    # A folder of its own: where somebody may write at all, it tells a guard from a missing right.
    with Scratch() as scratch, contextlib.suppress(SetupError):
        job = Job("docextract.doctor.probe:guard_job", (os.getpid(), scratch.path), None)
        with WorkerPool(1, ReadOptions()) as pool:
            drive(pool, [job], heard)
    if heard.open:
        told = f"a worker is not kept from {', '.join(heard.open)}"
        yield Finding("isolation", Level.NOTE, told, _MORE_GUARDS)
    elif heard.held:
        told = f"a worker is kept from {', '.join(heard.held)}"
        yield Finding("isolation", Level.OK, told)


class _Guards(EventSink):
    """What a worker could do and what not."""

    def __init__(self) -> None:
        self.held: list[str] = []
        self.open: list[str] = []

    def message(self, key: None, payload: Guard) -> None:
        (self.held if payload.holds else self.open).append(payload.against)


def renderer() -> Finding:
    """Return whether the second renderer is there."""
    if not has_poppler():
        remedy = "For --renderer poppler only: apt install poppler-utils."
        return Finding("poppler", Level.NOTE, "not installed; PDFium draws the pages", remedy)
    return Finding("poppler", Level.OK, _poppler_version())


def _told(probe: Probe) -> Finding:
    is_right = probe.text.replace(" ", "") == probe.expected.replace(" ", "")
    what = "a worker read a page" if is_right else f"a worker read {probe.text!r}"
    return Finding(
        probe.way,
        Level.OK if is_right else Level.BROKEN,
        f"{what} in {probe.seconds:.1f} s",
        "" if is_right else _REINSTALL,
    )


def _version(name: str) -> str | None:
    with contextlib.suppress(PackageNotFoundError):
        return version(name)
    return None


def _poppler_version() -> str:
    try:
        done = subprocess.run(
            ["pdftoppm", "-v"],
            capture_output=True,
            timeout=_VERSION_TIMEOUT_S,
            text=True,
            errors="replace",
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"installed, but does not answer: {error}"
    return (done.stderr or done.stdout).partition("\n")[0] or "installed"
