"""Puts a folder's files into storage: each as a whole, replaced or only where there is none.

Knows nothing of what they hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from docextract.core import OptionError, Scratch
from docextract.storage.address import Address
from docextract.storage.bucket import Bucket
from docextract.storage.known_objects import Ledger

_LAST = "run.json"
"""What tells a reader that the rest is there."""


def upload_folder(folder: Path, name: str, mode: str, ledger: Ledger | None = None) -> int:
    """Put all files of a folder, but hidden ones, below an address; return how many were put.

    Args:
        folder: of exports.
        name: the address.
        mode: ``replace``, or ``create`` where nothing there may change; the same command may be
            given again, as a file that is there with the same bytes is well.
        ledger: files that were put there and have not changed since are left out by it.

    Raises:
        OptionError: a file must be new and another one is there, or the address takes none.
        MissingDependencyError: obstore is not installed.
        RemoteError: storage does not answer or takes nothing.
    """
    address = Address.parse(name)
    if address.is_page or address.is_pattern:
        raise OptionError(f"{address.shown(address.key)} takes no files", "Try s3://BUCKET/FOLDER.")
    bucket, num_put = Bucket(address.root), 0
    for path in _files(folder):
        key = f"{address.key}/{path.relative_to(folder).as_posix()}".strip("/")
        uri, mark = address.shown(key), _mark(path)
        if ledger is not None and ledger.was_put(uri, mark):
            continue
        if not bucket.put(key, path, is_new=mode == "create") and not _is_same(bucket, key, path):
            raise OptionError(
                f"{uri} is there already and differs",
                "Give another --upload, or --upload-mode replace.",
            )
        if ledger is not None:
            ledger.note_put(uri, mark)
        num_put += 1
    return num_put


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder, the one that is to be last at the end."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    visible = [path for path in found if not _is_hidden(path.relative_to(folder))]
    yield from sorted(visible, key=lambda path: path.relative_to(folder).as_posix() == _LAST)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _mark(path: Path) -> str:
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns}"


def _is_same(bucket: Bucket, key: str, path: Path) -> bool:
    there = bucket.head(key)
    if there is None or there.num_bytes != path.stat().st_size:
        return False
    with Scratch() as scratch:
        copy = scratch.path / "copy"
        bucket.fetch(there, copy)
        return _digest(copy) == _digest(path)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
