"""Tells what a library could not make of a stranger's file from a bug of our own.

Knows nothing of how files are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from docextract.core import DocextractError, DocumentError, Reason

_LIBRARIES = frozenset(
    {"PIL", "defusedxml", "pdf2image", "pillow_heif", "pypdfium2", "pypdfium2_raw", "xml"}
)
_MAX_SAID = 200


@contextmanager
def library_faults(page: int | None = None) -> Iterator[None]:
    """Make of whatever a library raises in its own code the error of the file it was given.

    What is raised in our code, though a library was called there, stays what it is: a bug.

    Args:
        page: which page it concerns, if not the whole file.

    Raises:
        DocumentError: ``corrupt``, with what the library said.
    """
    try:
        yield
    except (DocextractError, MemoryError):
        raise
    except Exception as error:  # the boundary of libraries that read strangers' bytes
        library = _raised_in(error)
        if library not in _LIBRARIES:
            raise
        said = ": ".join(filter(None, (type(error).__name__, str(error)[:_MAX_SAID])))
        message = f"{library} cannot read it ({said})."
        raise DocumentError(Reason.CORRUPT, message, page=page) from error


def _raised_in(error: Exception) -> str:
    """Return the package in whose code an exception was raised."""
    trace = error.__traceback__
    name = ""
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", ""))
        trace = trace.tb_next
    return name.partition(".")[0]
