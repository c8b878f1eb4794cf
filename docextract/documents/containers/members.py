"""What a container holds, as it is told to those outside, and how a member is named.

Knows nothing of formats; names come from strangers and leave here harmless.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath

from docextract.core import DocumentError, ErrorItem, Mail

SEPARATOR = "!"
_MAX_NAME_LENGTH = 240
_MAX_FOLDERS = 16
_ODD = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069!]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file right inside a container, as its reader finds it.

    Attributes:
        name: as the container has it.
        read: returns its bytes; raises DocumentError where they are not to be had.
        mail: the mail it hangs on.
        is_inline: whether a mail shows it within its text.
        why_not: why it is passed over unread, if it is.
    """

    name: str
    read: Callable[[], bytes]
    mail: Mail | None = None
    is_inline: bool = False
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A document inside a container.

    Attributes:
        path: below the container, e.g. ``mail.eml!invoice.pdf``.
        sha256: hash of its bytes; empty where they cannot be read.
        media_type: by content.
        num_bytes: size in bytes.
        mail: the mail that holds it.
        error: why it cannot be read, if so.
    """

    path: str
    sha256: str = ""
    media_type: str = ""
    num_bytes: int = 0
    mail: Mail | None = None
    error: ErrorItem | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A file inside a container that is passed over; ``path`` is empty for the container itself."""

    path: str
    why: str


Inside = Member | Left


def named(entries: Iterable[Entry]) -> Iterator[tuple[str, Entry]]:
    """Yield each entry with a harmless name that no other has; always the same ones."""
    taken: dict[str, int] = {}
    for entry in entries:
        wanted = name = safe_name(entry.name)
        while name in taken:
            taken[wanted] += 1
            name = _numbered(wanted, taken[wanted])
        taken[name] = 1
        yield name, entry


def safe_name(name: str) -> str:
    """Return a relative path without ``..``, control characters or ``!``, never empty."""
    parts = [part.strip() for part in re.split(r"[/\\]", _ODD.sub("_", name))]
    kept = [part[-_MAX_NAME_LENGTH:] for part in parts if part.strip(".")]
    return "/".join(kept[-_MAX_FOLDERS:]) or "unnamed"


def _numbered(name: str, number: int) -> str:
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem} ({number}){path.suffix}"))


def is_sound(item: Inside) -> bool:
    """Return whether what a worker tells can be believed to be names: it has seen strange files."""
    try:
        parts = re.split(r"[/!]", item.path)
        texts = [item.path.replace(SEPARATOR, ""), *_texts(item)]
        is_clean = not any(_ODD.search(text) for text in texts[:1]) and ".." not in parts
        return is_clean and all(text.encode() is not None for text in texts)
    except (AttributeError, TypeError, ValueError):
        return False


def _texts(item: Inside) -> list[str]:
    if isinstance(item, Left):
        return [item.why]
    held = [asdict(part).values() for part in (item.mail, item.error) if part is not None]
    words = [value for values in held for value in values if value is not None]
    return [bytes.fromhex(item.sha256).hex(), item.media_type, f"{item.num_bytes:d}", *words]


def error_item(error: DocumentError) -> ErrorItem:
    """Return an error as records have it."""
    return ErrorItem("discover", error.reason.value, str(error), error.hint)


def pack_listing(items: Iterable[Inside]) -> bytes:
    """Return what a container holds as bytes to keep."""
    rows = [asdict(item) for item in items]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode())


def unpack_listing(packed: bytes) -> list[Inside]:
    """Return what ``pack_listing`` was given."""
    return [_item(row) for row in json.loads(zlib.decompress(packed))]


def _item(row: dict[str, object]) -> Inside:
    if "why" in row:
        return Left(**row)  # type: ignore[arg-type]
    parts = {"mail": Mail, "error": ErrorItem}
    made = {name: kind(**row[name]) if row[name] else None for name, kind in parts.items()}  # type: ignore[arg-type]
    return Member(**row | made)  # type: ignore[arg-type]
