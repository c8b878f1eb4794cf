"""Where the JSON file of a document goes: below the export, wherever the input stood.

Knows nothing of what is written there.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

_MAX_NAME_BYTES = 255
_HASH_LENGTH = 8
_EXTENSION = ".json"
_ODD = re.compile("[\0-\x1f\x7f-\x9f\\\\\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class Mirror:
    """Gives every document of one export a path of its own.

    Names are compared without case and in one Unicode form, since some file systems do.
    """

    def __init__(self) -> None:
        self._taken: set[bytes] = set()

    def place(self, relative: str, raw_path: bytes) -> PurePosixPath:
        """Return the relative path of a document's JSON file.

        It never leaves the export: no absolute path, no ``..``, no name that a file system
        refuses. Where two documents would share it, the second has a hash of its own path
        in its name.

        Args:
            relative: the document's path below its input root.
            raw_path: the document's exact path.
        """
        parts = [part for part in relative.split("/") if part not in ("", ".")] or ["document"]
        folders = [_folder(_safe(part)) for part in parts[:-1]]
        digest = hashlib.sha256(raw_path).hexdigest()[:_HASH_LENGTH]
        name = _safe(parts[-1])
        plain = PurePosixPath(*folders, cut_name(name, _EXTENSION))
        path = plain if self._take(plain) else PurePosixPath(*folders, _named(name, digest))
        if path is not plain and not self._take(path):
            path = PurePosixPath(*folders, hashlib.sha256(raw_path).hexdigest() + _EXTENSION)
        return path

    def _take(self, path: PurePosixPath) -> bool:
        key = unicodedata.normalize("NFC", str(path)).casefold()
        digest = hashlib.blake2b(key.encode(), digest_size=12).digest()
        is_free = digest not in self._taken
        self._taken.add(digest)
        return is_free


def _named(name: str, digest: str) -> str:
    return cut_name(name, f"-{digest}{_EXTENSION}")


def _safe(part: str) -> str:
    if set(part) == {"."}:
        return "_" * len(part)
    return _ODD.sub(lambda found: f"%{ord(found[0]):02X}", part)


def _folder(part: str) -> str:
    # A folder of inputs may be called a.pdf.json, and a.pdf beside it makes such a file.
    return cut_name(part, "_" if part.lower().endswith(_EXTENSION) else "")


def cut_name(name: str, ending: str) -> str:
    """Return name and ending, the name shortened and hashed where a file system refuses both."""
    data = name.encode()
    if len(data) + len(ending.encode()) <= _MAX_NAME_BYTES:
        return name + ending
    ending = f"~{hashlib.sha256(data).hexdigest()[:_HASH_LENGTH]}{ending}"
    return data[: _MAX_NAME_BYTES - len(ending)].decode(errors="ignore") + ending
