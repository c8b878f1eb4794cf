"""Python, processor, memory and disk.

Knows nothing of packages or engines.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from docextract.core import ReadOptions
from docextract.doctor.finding import Finding, Level
from docextract.workers import num_usable_cores

_OLDEST_PYTHON = (3, 11)
_GIB = 2**30
_MIN_FREE_BYTES = 1 * _GIB
_MEMORY_OF_WORKER_BYTES = 1 * _GIB
"""What a worker that reads by OCR takes at its peak, rounded up."""


def python() -> Iterator[Finding]:
    """Yield the version of Python and the system."""
    is_new = sys.version_info[:2] >= _OLDEST_PYTHON
    wanted = ".".join(map(str, _OLDEST_PYTHON))
    yield Finding(
        "python",
        Level.OK if is_new else Level.BROKEN,
        f"{platform.python_version()} on {platform.platform(terse=True)}",
        "" if is_new else f"Install Python {wanted} or newer.",
    )


def processor() -> Iterator[Finding]:
    """Yield cores and memory."""
    num_cores = num_usable_cores()
    yield Finding(
        "cores", Level.OK, f"{num_cores} usable of {os.cpu_count()}; a run has as many workers"
    )
    num_bytes = _memory_bytes()
    if num_bytes is not None:
        is_enough = num_bytes >= num_cores * _MEMORY_OF_WORKER_BYTES
        yield Finding(
            "memory",
            Level.OK if is_enough else Level.WARNING,
            f"{num_bytes / _GIB:.1f} GiB, for workers of up to "
            f"{ReadOptions().max_memory_bytes / _GIB:.0f} GiB each",
            "" if is_enough else f"Use --jobs {max(1, num_bytes // _MEMORY_OF_WORKER_BYTES)}.",
        )


def disk(out: Path) -> Iterator[Finding]:
    """Yield whether the output folder and the folder for temporary files can be used."""
    yield _folder("output", _nearest(out), "--out", f"{out} can be made or written")
    temporary = Path(tempfile.gettempdir())
    yield _folder("temp folder", temporary, "TMPDIR", f"{temporary} can be written")


def _folder(name: str, folder: Path, setting: str, well: str) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        num_free = shutil.disk_usage(folder).free
    except OSError as error:
        told = f"{folder}: {error.strerror}"
        return Finding(name, Level.BROKEN, told, f"Choose another folder with {setting}.")
    told = f"{well}, {num_free / _GIB:.1f} GiB free"
    if num_free < _MIN_FREE_BYTES:
        return Finding(name, Level.WARNING, told, f"Free some, or choose another by {setting}.")
    return Finding(name, Level.OK, told)


def _nearest(path: Path) -> Path:
    """Return the folder, or the one it would be made in."""
    whole = path.absolute()
    return next((folder for folder in (whole, *whole.parents) if folder.exists()), whole)


def _memory_bytes() -> int | None:
    """Return the memory of this machine or, where it is less, of this container."""
    try:
        num_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return None
    try:
        text = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")
        return min(num_bytes, int(text))
    except (OSError, ValueError):
        return num_bytes
