"""Puts copies of documents under names made of their fields; nothing is ever overwritten.

Knows nothing of how names are made, of terminals, or of what a mail, zip or PDF is: who calls it
gives the bytes of what lies in another file.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

from docextract.core import Document, DocumentError, RecordStatus, Tree, file_hash
from docextract.export.atomic import free_name, sync_folder
from docextract.export.naming.pattern import Pattern, with_ending
from docextract.store import StoredDocument

__all__ = ["Fate", "Pattern", "Step", "carry_out", "plan_filing"]

_ENDING = re.compile(r"\.[a-z0-9]{1,8}")
_PDF = "application/pdf"
_MEMBER = "!"
"""What stands between the path of a mail or zip and that of what lies in it."""
_SAME = "add {document.stem} or {document.sha256:.8} to the name"


class Fate(StrEnum):
    """What becomes of a document."""

    FILE = "file"
    THERE = "there"
    LEFT = "left"
    REFUSED = "refused"


Content = Callable[[Document], bytes]
"""Gives the bytes of a document that lies in another file; a ``DocumentError`` says why not."""


class Step(NamedTuple):
    """One document's way.

    Attributes:
        document: what is filed.
        target: where it goes; None where it goes nowhere.
        fate: what becomes of it.
        why: where it is left or refused, for people.
        is_inside: whether it lies in another file, which stays: on some pages of it, or in a mail
            or zip.
    """

    document: Document
    target: Path | None
    fate: Fate
    why: str = ""
    is_inside: bool = False

    @property
    def shown(self) -> str:
        """Its path as people know it."""
        return self.document.path

    @property
    def source(self) -> Path:
        """Its file, or the path that names it in a mail or zip."""
        return Path(os.fsdecode(self.document.raw_path))


def plan_filing(
    documents: Iterable[StoredDocument],
    pattern: Pattern,
    content: Content,
    *,
    is_all: bool = False,
    is_move: bool = False,
) -> Iterator[Step]:
    """Yield where each document goes; nothing is done.

    Args:
        documents: as they stand.
        pattern: how they are named.
        content: asked where a file has the name of what lies in another file.
        is_all: also those that are in review.
        is_move: whether files go from where they are, which what lies in another cannot.
    """
    taken: dict[str, str] = {}
    for stored in documents:
        step = _step(stored, pattern, content, is_all=is_all, is_move=is_move)
        if step.target is not None:
            # Some file systems know no capitals, and one form of letters with accents.
            key = unicodedata.normalize("NFC", str(step.target)).casefold()
            other = taken.setdefault(key, step.shown)
            if other != step.shown:
                why = f"{other} has the same name; {_SAME}"
                step = step._replace(fate=Fate.REFUSED, why=why)
        yield step


def _step(
    stored: StoredDocument, pattern: Pattern, content: Content, *, is_all: bool, is_move: bool
) -> Step:
    tree, own = stored.tree, stored.tree["document"]
    document = Document(own["path"], stored.raw_path, own["sha256"], own["media_type"])
    bare = Step(document, None, Fate.LEFT)
    if why := _left(tree, is_all=is_all):
        return bare._replace(why=why)
    name, missing = pattern.fill(tree)
    if name is None:
        return bare._replace(fate=Fate.REFUSED, why=f"it has no {' and no '.join(missing)}")
    bare = bare._replace(is_inside=_is_inside(bare))
    if document.pages is not None and document.media_type != _PDF:
        return bare._replace(fate=Fate.REFUSED, why="pages can be cut out of a PDF alone")
    if bare.is_inside and is_move:
        why = "it lies in a file that stays, so it can be copied but not moved"
        return bare._replace(fate=Fate.REFUSED, why=why)
    target = pattern.root / with_ending(name, _ending(own["path"].removesuffix(_part(document))))
    return _at_target(bare._replace(target=target), content)


def _part(document: Document) -> str:
    """Return what the name of a document ends in that stands on some pages of its file."""
    return "" if document.pages is None else document.sha256[len(file_hash(document.sha256)) :]


def _left(tree: Tree, *, is_all: bool) -> str:
    """Return why a document is none that is filed; empty where it is."""
    status = tree["status"]
    if status == RecordStatus.OK or (is_all and status == RecordStatus.REVIEW):
        return ""
    reason = tree["errors"][0]["reason"] if tree["errors"] else ""
    return f"{status}, {reason}" if reason and status != RecordStatus.REVIEW else status


def _is_inside(step: Step) -> bool:
    """Whether a document is no file of its own."""
    if step.document.pages is not None:
        return True
    if step.source.is_file():
        return False
    names = str(step.source).split(_MEMBER)
    heads = (_MEMBER.join(names[:count]) for count in range(1, len(names)))
    return any(Path(head).is_file() for head in heads)


def _ending(path: str) -> str:
    found = PurePosixPath(path).suffix.lower()
    return found if _ENDING.fullmatch(found) else ""


def _at_target(step: Step, content: Content) -> Step:
    """Return a step with what lies at its ends seen."""
    assert step.target is not None
    if os.path.lexists(step.target):
        if step.target.is_file() and _is_there(step, step.target, content):
            return step._replace(fate=Fate.THERE)
        return step._replace(fate=Fate.REFUSED, why=f"{step.target} is another file; {_SAME}")
    if not step.is_inside and not step.source.is_file():
        return step._replace(fate=Fate.REFUSED, why="it is no file, or not there any more")
    return step._replace(fate=Fate.FILE)


def _is_there(step: Step, target: Path, content: Content) -> bool:
    """Whether a file holds, byte by byte, what is to be filed."""
    if step.document.pages is None:
        return _sha256(target) == step.document.sha256
    try:
        return target.read_bytes() == content(step.document)
    except DocumentError:
        return False


def carry_out(step: Step, root: Path, content: Content, *, is_move: bool = False) -> str:
    """Put a document where it goes; return why that was not done, or nothing.

    What lies there stays. A copy is on the disk, whole, before it has its name, and before a file
    that is moved goes.

    Args:
        step: planned to be filed.
        root: folder that nothing may leave.
        content: gives the bytes of what lies in another file.
        is_move: whether the file goes from where it was.
    """
    assert step.target is not None
    try:
        if not step.target.parent.resolve().is_relative_to(root.resolve()):
            return f"{step.target} leads out of {root}"
        step.target.parent.mkdir(parents=True, exist_ok=True)
        if step.is_inside:
            _write(content(step.document), step.target)
        elif not _copied(step.source, step.target, step.document.sha256):
            return "it is not the file that was read: it changed, or holds it"
        if is_move:
            step.source.unlink()
    except FileExistsError:
        return f"{step.target} has come meanwhile; it stays"
    except OSError as error:
        return f"{error.filename or step.target}: {error.strerror or error}"
    except DocumentError as error:
        return f"{error} {error.hint}".strip()
    return ""


def _write(data: bytes, target: Path) -> None:
    waiting = free_name(target)
    try:
        with waiting.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _name(waiting, target)
        sync_folder(target.parent)
    finally:
        waiting.unlink(missing_ok=True)


def _copied(source: Path, target: Path, sha256: str) -> bool:
    """Copy a file; return False, leaving nothing, where its bytes are not the expected ones."""
    waiting = free_name(target)
    try:
        with source.open("rb") as original, waiting.open("xb") as copy:
            shutil.copyfileobj(original, copy)
            copy.flush()
            os.fsync(copy.fileno())
        if _sha256(waiting) != sha256:
            return False
        shutil.copystat(source, waiting)
        _name(waiting, target)
        sync_folder(target.parent)
        return True
    finally:
        waiting.unlink(missing_ok=True)


def _name(waiting: Path, target: Path) -> None:
    """Give a file its name, unless another has it."""
    try:
        # It fails where the name is taken, which a renaming would overwrite.
        os.link(waiting, target)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems know no links.
        with target.open("xb") as file:
            _fill(file, waiting)


def _fill(file: BinaryIO, waiting: Path) -> None:
    try:
        with waiting.open("rb") as copy:
            shutil.copyfileobj(copy, file)
        file.flush()
        os.fsync(file.fileno())
    except OSError:
        Path(file.name).unlink()
        raise


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
