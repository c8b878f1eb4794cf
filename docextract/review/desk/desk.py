"""One person's review of one output folder: finds documents, shows them, keeps what is said.

Knows nothing of terminals or browsers. It holds no file open: runs and other people go on.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from docextract.core import PART, OptionError, OutputBusyError, RecordStatus, Tree, file_hash
from docextract.export import formats_there, write_exports
from docextract.review.desk.sayings import Saying, Standing
from docextract.review.labels.label import Label
from docextract.review.labels.label_store import LabelStore
from docextract.review.labels.truth_lines import truth_lines
from docextract.review.overlay.overlay import labels_of, lay_over, overlay_of, schema_of
from docextract.schema import Schema
from docextract.store import FOLDER, Store, StoredDocument, StoredName

_MAX_TOLD = 10
MIN_HASH = 6
"""Fewer characters of a hash are taken for a name."""


def default_reviewer() -> str:
    """Return the name of the user who is logged in."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one person reviews the records of one schema.

    Attributes:
        out: the output folder.
        schema: of the records.
        reviewer: who.
    """

    out: Path
    schema: Schema
    reviewer: str

    @classmethod
    def open(cls, out: Path, schema: str | None = None, reviewer: str | None = None) -> Desk:
        """Return the desk of a folder.

        Args:
            out: the output folder of a run.
            schema: name of the schema; None for the newest run's.
            reviewer: who; None for the user.

        Raises:
            OptionError: the folder holds no records, or their schema cannot be had.
            StoreError: the store cannot be read.
        """
        with Store.read_only(out, schema=schema) as store:
            if store.schema_name() is None and (run := store.last_run()):
                # A run that found nothing has nothing to review, which is no error.
                return cls.open(out, run["schema_name"], reviewer)
            found, problem = schema_of(store)
        if found is None:
            raise OptionError(
                f"the schema of {out} cannot be had: {problem}",
                "Run from the folder in which it was named, or read the documents again.",
            )
        return cls(out, found, reviewer or default_reviewer())

    def documents(self) -> Iterator[StoredDocument]:
        """Yield every document whose bytes were read, as it stands; duplicates are left out."""
        with Store.read_only(self.out, schema=self.schema.name) as store:
            store.lens = overlay_of(store, self.schema)
            for stored in store.documents():
                is_own = stored.tree["status"] != RecordStatus.SKIPPED
                if is_own and stored.tree["document"]["sha256"]:
                    yield stored

    def unread(self) -> list[str]:
        """Return the paths of documents whose bytes could not be read, which nobody can review."""
        with Store.read_only(self.out, schema=self.schema.name) as store:
            return [row.path for row in store.names() if not row.sha256]

    def find(self, name: str) -> StoredDocument:
        """Return a document as it stands.

        Args:
            name: its path as shown, the end of it, or the first characters of its hash.

        Raises:
            OptionError: none or several are called so.
        """
        name = os.fsencode(name).decode("utf-8", "backslashreplace")
        with Store.read_only(self.out, schema=self.schema.name) as store:
            store.lens = overlay_of(store, self.schema)
            names = [row for row in store.names() if _is_called(name, row.path, row.sha256)]
            names = _parts_of(store, name, names) or names or _members_of(store, name)
            exact = [row for row in names if name in _spellings(row.path)]
            hashes = {row.sha256 for row in exact or names}
            if len(hashes) != 1 or "" in hashes:
                raise _not_one(name, names, self.out)
            return _first(store, hashes.pop())

    def record(self, sha256: str) -> StoredDocument:
        """Return a document as it stands, by its whole hash.

        Raises:
            OptionError: there is none.
        """
        with Store.read_only(self.out, schema=self.schema.name) as store:
            store.lens = overlay_of(store, self.schema)
            return _first(store, sha256)

    def say(self, sha256: str, *sayings: Saying) -> list[Label]:
        """Keep what the person did, all or nothing; when this returns it is on the disk.

        Raises:
            OptionError: there is no such document, field or row.
            OvertakenError: what they looked at is no longer what stands.
            StoreError: the disk does not take it.
        """
        tree, kept = self._stored(sha256), []
        with LabelStore.open(self.out / FOLDER) as labels, labels.alone():
            for saying in sayings:
                standing = self._standing(labels, tree)
                kept.append(labels.add(standing.label_for(saying, self.reviewer)))
        return kept

    def undo(self, sha256: str) -> Label:
        """Take back what the person did last to a document.

        Raises:
            OptionError: there is nothing of theirs to take back.
            OvertakenError: somebody else has built upon it.
        """
        tree = self._stored(sha256)
        with LabelStore.open(self.out / FOLDER) as labels, labels.alone():
            return labels.add(self._standing(labels, tree).undo(self.reviewer))

    def standing(self, sha256: str) -> Standing:
        """Return a document as it stands, and as it stood before.

        Raises:
            OptionError: there is no such document.
        """
        tree = self._stored(sha256)
        with LabelStore.read_only(self.out / FOLDER) as labels:
            return self._standing(labels, tree)

    def labels(self, sha256: str | None = None) -> list[Label]:
        """Return all that anybody said, of one document or of all, oldest first."""
        with LabelStore.read_only(self.out / FOLDER) as labels:
            return labels_of(labels, self.schema, sha256)

    def truth(self) -> list[Tree]:
        """Return what people said as truth lines, one per document."""
        with Store.read_only(self.out, schema=self.schema.name) as store:
            # Of several paths with the same bytes, the one that stands for them is told.
            rows = sorted(store.names(), key=lambda row: not row.is_copy)
            paths = {row.sha256: row.path for row in rows}
        labels = self.labels()
        return list(truth_lines(labels, paths | _paths_of_parts(labels, paths)))

    def _standing(self, labels: LabelStore, tree: Tree) -> Standing:
        own = self.schema.of(tree)
        said = labels.labels(own.name, tree["document"]["sha256"])
        return Standing(tree, said, own, lay_over)

    def _stored(self, sha256: str) -> Tree:
        with Store.read_only(self.out, schema=self.schema.name) as store:
            return _first(store, sha256).tree


def _first(store: Store, sha256: str) -> StoredDocument:
    found = list(store.documents([sha256]))
    own = [item for item in found if item.tree["status"] != RecordStatus.SKIPPED]
    if not own:
        raise OptionError(f"there is no document {sha256}")
    return own[0]


def _parts_of(store: Store, name: str, names: Sequence[StoredName]) -> list[StoredName]:
    """Return the documents in a file of that name that was cut, or whose copy was."""
    if any(PART in row.sha256 for row in names):
        return []
    files = {row.sha256 for row in names}
    return [
        row
        for row in store.names()
        if (mark := row.path.rfind(PART)) > 0 and PART in row.sha256
        if file_hash(row.sha256) in files or (not files and _is_called(name, row.path[:mark], ""))
    ]


def _members_of(store: Store, name: str) -> list[StoredName]:
    """Return the documents in a mail or zip of that name."""
    return [row for row in store.names() if any(_is_called(name, it, "") for it in _around(row))]


def _around(row: StoredName) -> Iterator[str]:
    """Yield the paths of what a document may lie in."""
    *names, _ = row.path.split("!")
    return (head for head in accumulate(names, "{}!{}".format))


def _paths_of_parts(labels: Sequence[Label], paths: Mapping[str, str]) -> dict[str, str]:
    """Return what parts are called whose file is read as one document now."""
    parts = {label.sha256 for label in labels} - paths.keys()
    files = {sha256: paths.get(file_hash(sha256)) for sha256 in parts if PART in sha256}
    return {
        sha256: path + sha256.removeprefix(file_hash(sha256))
        for sha256, path in files.items()
        if path is not None
    }


def _spellings(path: str) -> tuple[str, str]:
    """Return a path as it is, and as a terminal shows it: with escapes for what is not seen."""
    shown = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in path)
    return path, "".join(shown)


def _is_called(name: str, path: str, sha256: str) -> bool:
    ends = (f"/{name}", f"!{name}")
    is_end = any(it == name or it.endswith(ends) for it in _spellings(path))
    return is_end or (len(name) >= MIN_HASH and sha256.startswith(name.lower()))


def _not_one(name: str, rows: Sequence[StoredName], out: Path) -> OptionError:
    if not rows:
        hint = f"docextract review {out} --list names those in doubt."
        return OptionError(f"{out} holds no document called {name}", hint)
    if not any(row.sha256 for row in rows):
        told = " and ".join(row.path for row in rows[:_MAX_TOLD])
        return OptionError(f"{told} could not be read", f"{out}/failures.jsonl says why.")
    paths = [row.path for row in rows if row.sha256]
    told = "".join(f"\n{path}" for path in paths[:_MAX_TOLD])
    if not any(_is_called(name, row.path, row.sha256) for row in rows):
        message = f"{name} holds {len(rows)} documents:{told}"
        return OptionError(message, f"Name one of them, such as {paths[0]}.")
    return OptionError(f"several documents are called {name}:{told}", "Give more of the path.")


def write_again(out: Path, schema: Schema) -> bool:
    """Replace the exports that lie in a folder and show a schema; return whether they show all.

    They do not where a run goes on there: it writes them when it ends.

    Raises:
        StoreError: the disk is full or not writable.
    """
    try:
        with Store.read_only(out, is_locked=True) as store:
            formats = formats_there(out)
            if store.schema_name() == schema.name and formats:
                store.lens = overlay_of(store, schema)
                write_exports(store, out, formats)
    except OutputBusyError:
        return False
    return True
