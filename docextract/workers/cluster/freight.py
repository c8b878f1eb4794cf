"""Carries to another machine what a job reads: its document's bytes, and the files of its run.

Knows nothing of how it gets there. A job's first argument is its document.
"""

from __future__ import annotations

import os
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from docextract.core import Document
from docextract.workers.events import Job

_PREFIX = "/docextract-freight/"
"""Paths that begin so are of files that were sent along; nobody has such a folder."""


class Freight:
    """Files that every machine of a run needs a copy of, as they are now.

    Attributes:
        files: their bytes, by the path that ``add`` returned.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def add(self, path: Path) -> Path:
        """Return where a file will lie there; one that is not here is left as it is.

        Raises:
            OSError: it cannot be read.
        """
        if not path.is_file():
            return path
        place = f"{_PREFIX}{len(self.files)}/{path.name}"
        self.files[place] = path.read_bytes()
        return Path(place)


def unload(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files of a ``Freight`` below a folder."""
    for place, content in files.items():
        path = folder / place.removeprefix(_PREFIX)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def located(value: Any, folder: Path) -> Any:
    """Return arguments of a job with the paths that its files have below a folder."""
    if isinstance(value, str):
        at = str(folder) + os.sep
        return at + value.removeprefix(_PREFIX) if value.startswith(_PREFIX) else value
    if isinstance(value, Path):
        return Path(located(str(value), folder))
    if is_dataclass(value) and not isinstance(value, type | Document):
        changed = {
            field.name: found
            for field in fields(value)
            if (found := located(old := getattr(value, field.name), folder)) != old
        }
        return replace(value, **changed) if changed else value
    return tuple(located(item, folder) for item in value) if type(value) is tuple else value


def loaded(job: Job, read: Callable[[Document], bytes]) -> Job:
    """Return a job, and the other way of doing it, that brings its document's bytes along.

    Whatever ``read`` raises is raised.
    """
    return _with_content(job, read(job.args[0]))


def _with_content(job: Job, content: bytes) -> Job:
    args = (job.function, job.args, content)
    otherwise = job.otherwise and _with_content(job.otherwise, content)
    target = f"{__name__}:run_with_content"
    return Job(target, args, None, otherwise, trial=job.trial, yields=job.function)


def home_of(job: Job) -> bytes:
    """Return where the document of a loaded job had a copy before it was sent."""
    document: Document = job.args[1][0]
    return document.spooled


def run_with_content(function: str, args: tuple[Any, ...], content: bytes) -> Iterator[Any]:
    """Yield what a job yields whose document lies in memory; called in a worker."""
    document, *rest = args
    with _in_memory(content) as place:
        yield from pkgutil.resolve_name(function)(replace(document, spooled=place), *rest)


@contextmanager
def _in_memory(content: bytes) -> Iterator[bytes]:
    """Give bytes a path; they are gone with the process, however it ends."""
    if not hasattr(os, "memfd_create"):  # Linux alone has it
        with NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            yield os.fsencode(file.name)
        return
    with os.fdopen(os.memfd_create("document", os.MFD_CLOEXEC), "wb", buffering=0) as file:
        view = memoryview(content)
        while view:
            view = view[file.write(view) :]
        yield f"/proc/self/fd/{file.fileno()}".encode()
