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
from typing import NamedTuple

from docextract.core import Document, DocumentError, RecordStatus, Tree, file_hash
from docextract.export.atomic import held_file, remove_unheld, sync_folder
from docextract.export.naming.pattern import Pattern, with_ending
from docextract.store import StoredDocument

__all__ = ["Fate", "Pattern", "Step", "carried_out", "carry_out", "plan_filing"]

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
    return _at_target(bare._replace(target=target), content, is_move=is_move)


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


def _at_target(step: Step, content: Content, *, is_move: bool) -> Step:
    """Return a step with what lies at its ends seen."""
    assert step.target is not None
    if os.path.lexists(step.target):
        if step.target.is_file() and _is_there(step, step.target, content):
            is_done = not (is_move and _is_original_left(step))
            return step._replace(fate=Fate.THERE if is_done else Fate.FILE)
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


def _is_original_left(step: Step) -> bool:
    """Whether a file whose copy is there is still where it was, and no other name of the copy."""
    assert step.target is not None
    if step.target.is_symlink() or not step.source.is_file():
        return False
    is_another = not step.source.samefile(step.target)
    return is_another and _sha256(step.source) == step.document.sha256


def carried_out(
    steps: Iterable[Step], root: Path, content: Content, *, is_move: bool = False
) -> Iterator[Step]:
    """Put documents where they go and yield each step as it ended; see ``carry_out``.

    What a killed process has left beside them half written is gone at the end.
    """
    folders = set[Path]()
    for step in steps:
        if step.fate is Fate.FILE:
            why = carry_out(step, root, content, is_move=is_move)
            step = step._replace(fate=Fate.REFUSED, why=why) if why else step
        if step.target is not None and step.fate is not Fate.REFUSED:
            folders.add(step.target.parent)
        yield step
    for folder in folders:
        remove_unheld(folder)


def carry_out(step: Step, root: Path, content: Content, *, is_move: bool = False) -> str:
    """Put a document where it goes; return why that was not done, or nothing.

    What lies there stays. A copy is on the disk, whole, before it has its name, and before a file
    that is moved goes. A move that a killed process left half done is finished.

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
        elif is_move and _is_copied(step):
            _keep(step.target)
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


def _is_copied(step: Step) -> bool:
    target = step.target
    assert target is not None
    is_there = target.is_file() and _sha256(target) == step.document.sha256
    return is_there and _is_original_left(step)


def _keep(target: Path) -> None:
    """Put a file on the disk that somebody else wrote."""
    with target.open("rb") as file:
        os.fsync(file.fileno())
    sync_folder(target.parent)


def _write(data: bytes, target: Path) -> None:
    with held_file(target) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        _name(Path(file.name), target)
    sync_folder(target.parent)


def _copied(source: Path, target: Path, sha256: str) -> bool:
    """Copy a file; return False, leaving nothing, where its bytes are not the expected ones."""
    with source.open("rb") as original, held_file(target) as copy:
        shutil.copyfileobj(original, copy)
        copy.flush()
        os.fsync(copy.fileno())
        waiting = Path(copy.name)
        if _sha256(waiting) != sha256:
            return False
        shutil.copystat(source, waiting)
        _name(waiting, target)
    sync_folder(target.parent)
    return True


def _name(waiting: Path, target: Path) -> None:
    """Give a file its name, unless another has it."""
    try:
        # It fails where the name is taken, which a renaming would overwrite.
        os.link(waiting, target)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems know no links: there the name is taken first.
        target.open("xb").close()
        try:
            waiting.replace(target)
        except OSError:
            target.unlink()
            raise


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
