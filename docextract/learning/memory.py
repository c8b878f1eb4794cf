"""What is remembered of layouts, how much it is worth, and the file it is kept in.

Knows nothing of pages. No text of documents is in it but labels and the party's own constants;
words a layout is recognised by are hashes.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from docextract.core import MISFITS, StoreError, UsageError, describe_misfit
from docextract.learning.clues.clue import Clue, clue_of
from docextract.learning.layout import likeness

FILE_NAME = "memory.json"
_VERSION, _READ = 3, (1, 2, 3)
_HINT = "docextract learned OUT --export FILE writes one."


@dataclass(frozen=True, slots=True)
class LayoutMemory:
    """What is remembered of one layout.

    Attributes:
        schema: name of the schema its values are of.
        name: of the party whose layout it is, where that was confirmed; for people.
        marks: hashes of the words it is recognised by.
        documents: sha256 of the confirmed documents, oldest first.
        clues: by field path.
        misread: by field path, in how many confirmed documents a run had read it wrong.
        absent: by field path, in how many confirmed documents there was none.
    """

    schema: str
    name: str = ""
    marks: frozenset[str] = frozenset()
    documents: tuple[str, ...] = ()
    clues: dict[str, tuple[Clue, ...]] = field(default_factory=dict)
    misread: dict[str, int] = field(default_factory=dict)
    absent: dict[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """A short name of it: the beginning of its first document's hash."""
        return self.documents[0][:12] if self.documents else self.name

    @property
    def version(self) -> str:
        """A hash of all that is remembered of it: other than before after every lesson."""
        return _hash(asdict(self) | {"marks": sorted(self.marks)})

    def naming(self) -> dict[str, object]:
        """Return what a record says of what it was read with."""
        return {"layout": self.id, "version": self.version, "documents": len(self.documents)}


@dataclass(frozen=True, slots=True)
class Memory:
    """All remembered layouts.

    Attributes:
        layouts: in the order in which they were met.
        seen: by sha256 of an own document, the newest label it was learned from.
        forgotten: sha256 of documents that are not to be learned from again.
    """

    layouts: tuple[LayoutMemory, ...] = ()
    seen: dict[str, int] = field(default_factory=dict)
    forgotten: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """A hash of all layouts."""
        return _hash([layout.version for layout in self.layouts])

    def naming(self) -> dict[str, object] | None:
        """Return what a run says of what it reads with; None where nothing is remembered."""
        if not self.layouts:
            return None
        documents = sum(len(layout.documents) for layout in self.layouts)
        return {"version": self.version, "layouts": len(self.layouts), "documents": documents}

    def layout_of(self, schema: str, marks: frozenset[str]) -> LayoutMemory | None:
        """Return the layout that a document of these marks has, if it is remembered."""
        own = [it for it in self.layouts if it.schema == schema and it.documents]
        return _likest(own, marks)

    def known_of(self, schema: str, marks: frozenset[str]) -> LayoutMemory | None:
        """Return the same with what was written by hand, which comes before what was learned."""
        learned = self.layout_of(schema, marks)
        hints = [it for it in self.layouts if it.schema == schema and not it.documents]
        hint = _likest(hints, marks)
        if hint is None:
            return learned
        base = learned or hint
        # Where somebody took the trouble to write it down, reading has gone wrong.
        misread = {**base.misread, **dict.fromkeys(hint.clues, 1)}
        absent = {path: it for path, it in base.absent.items() if path not in hint.clues}
        return replace(base, clues={**base.clues, **hint.clues}, misread=misread, absent=absent)

    def with_hints(self, hints: tuple[LayoutMemory, ...]) -> Memory:
        """Return it with what was written by hand now, in the place of what was before."""
        learned = tuple(it for it in self.layouts if it.documents)
        return replace(self, layouts=(*learned, *hints))

    def without(self, name: str) -> Memory:
        """Return it without the layouts of a name or of the beginning of an id."""
        gone = [it for it in self.layouts if it.name == name or it.id.startswith(name)]
        kept = tuple(it for it in self.layouts if it not in gone)
        names = (sha256 for it in gone for sha256 in it.documents)
        forgotten = tuple(dict.fromkeys((*self.forgotten, *names)))
        return replace(self, layouts=kept, forgotten=forgotten)

    def foreign(self) -> Memory:
        """Return what others taught, for learning all own documents anew."""
        kept = (it for it in self.layouts if not self.seen.keys() & set(it.documents))
        return replace(self, layouts=tuple(kept), seen={})

    def merged(self, other: Memory) -> Memory:
        """Return both; of a layout that both know, the one with more documents."""
        found = {(it.schema, it.id): it for it in self.layouts}
        for layout in other.layouts:
            own = found.get((layout.schema, layout.id))
            if own is None or len(own.documents) < len(layout.documents):
                found[layout.schema, layout.id] = layout
        return replace(self, layouts=tuple(found.values()))

    def to_json(self) -> str:
        """Return it as text that people can review, always in the same order."""
        layouts = [asdict(it) | {"marks": sorted(it.marks)} for it in self.layouts]
        tree = {
            "version": _VERSION, "layouts": layouts, "seen": self.seen, "forgotten": self.forgotten
        }  # fmt: skip
        return json.dumps(tree, indent=1, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Memory:
        """Return what ``to_json`` wrote.

        Raises:
            UsageError: the text is no such JSON.
        """
        try:
            tree = json.loads(text)
            _check_text(tree)
            if tree["version"] not in _READ:
                raise UsageError("these memories are of another version", _HINT)
            seen = {str(sha256): int(number) for sha256, number in tree["seen"].items()}
            return cls(tuple(_layouts(tree["layouts"])), seen, tuple(map(str, tree["forgotten"])))
        except MISFITS as error:
            raise UsageError(f"these are no memories: {describe_misfit(error)}", _HINT) from error


def _hash(tree: object) -> str:
    text = json.dumps(tree, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


NO_MEMORY = Memory()
"""Of a run before anything was confirmed."""


def _likest(layouts: list[LayoutMemory], marks: frozenset[str]) -> LayoutMemory | None:
    best = max(layouts, key=lambda it: likeness(it.marks, marks), default=None)
    return best if best is not None and likeness(best.marks, marks) else None


def _layouts(trees: Iterable[dict[str, object]]) -> Iterable[LayoutMemory]:
    for tree in trees:
        clues = {
            str(path): tuple(map(clue_of, found))
            for path, found in dict(tree["clues"]).items()  # type: ignore[call-overload]
        }
        yield LayoutMemory(
            str(tree["schema"]),
            str(tree["name"]),
            frozenset(map(str, tree["marks"])),  # type: ignore[call-overload]
            tuple(map(str, tree["documents"])),  # type: ignore[call-overload]
            clues,
            *({str(k): int(v) for k, v in tree[name].items()} for name in ("misread", "absent")),  # type: ignore[attr-defined]
        )


def _check_text(tree: object) -> None:
    """Raise where a text is none that a file can hold."""
    json.dumps(tree, ensure_ascii=False).encode("utf-8")


def load_memory(path: Path | None) -> Memory:
    """Return the memories in a file; none where there is no file.

    Raises:
        UsageError: it cannot be read or holds something else.
    """
    if path is None or not path.exists():
        return Memory()
    try:
        return Memory.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the memories {path} cannot be read: {error}", _HINT) from error
    except UsageError as error:
        raise UsageError(f"{path}: {error}", _HINT) from error


def save_memory(path: Path, memory: Memory) -> None:
    """Put memories into a file; a crash leaves the old ones or the new ones, never half.

    Raises:
        StoreError: the disk does not take it.
    """
    try:
        number, name = tempfile.mkstemp(dir=path.parent, prefix=".docextract-", suffix=".tmp")
        with open(number, "w", encoding="utf-8") as file:  # noqa: PTH123 (a descriptor)
            file.write(memory.to_json() + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        raise StoreError(f"the memories {path} cannot be written: {error}") from error


def freeze(folder: Path, memory: Memory) -> Path | None:
    """Keep memories as a run began with them, whatever is said meanwhile; return their file.

    There is one such file at most: that of the run that holds the folder. None where nothing
    is remembered.

    Raises:
        StoreError: the disk does not take it.
    """
    path = folder / f"read-with-{memory.version}.json"
    for old in folder.glob("read-with-*.json"):
        if old != path:
            old.unlink(missing_ok=True)
    if not memory.layouts:
        return None
    if not path.exists():
        save_memory(path, memory)
    return path
