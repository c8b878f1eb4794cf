"""Walks folders and globs in sorted order, without loops and without leaving the roots.

Knows nothing of documents or of what is inside a file.
"""

# Paths are bytes here, which pathlib does not take.

# ruff: noqa: PTH110, PTH112, PTH113, PTH116, PTH118

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from docextract.documents.discovery.passed_over import HIDDEN

_MAGIC = re.compile(rb"[*?\[]")
LEADS_OUT = "a link that leads out of the folder, or nowhere"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file below a folder.

    Attributes:
        path: as reached, links and all.
        real_path: without links; the same file has the same one.
        why_not: why it is not followed: hidden names (of folders too), links out of the roots,
            what is no regular file.
    """

    path: bytes
    real_path: bytes
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A folder that cannot be listed."""

    path: bytes
    error: OSError


def is_pattern(path: bytes) -> bool:
    """Return whether a path holds ``*``, ``?`` or ``[``."""
    return _MAGIC.search(path) is not None


def walk(
    root: bytes, *, roots: Sequence[bytes] = (), exclude: bytes | None = None
) -> Iterator[Entry | Trouble]:
    """Yield the files below a folder, sorted by name within each folder.

    Hidden names are yielded with that reason. Links are followed where their target lies below
    one of ``roots`` (real paths), and no folder is entered twice.

    Args:
        root: the folder.
        roots: where links may lead; the folder itself if empty.
        exclude: a folder below ``root`` that is not entered.
    """
    yield from _Walk(root, roots or (os.path.realpath(root),), exclude).run()


def walk_pattern(
    pattern: bytes, *, exclude: bytes | None = None
) -> Iterator[tuple[bytes, Entry | Trouble]]:
    """Yield the files that a glob matches, each with the folder the pattern starts in.

    ``*``, ``?`` and ``[...]`` stay within a name, ``**`` crosses folders. A folder that
    matches stands for all files below it. Hidden names never match.
    """
    root, parts = _split_pattern(pattern)

    def is_wanted(relative: bytes) -> bool:
        return matches(relative.split(b"/"), parts)

    max_depth = None if b"**" in parts else len(parts)
    roots = (os.path.realpath(root),)
    if not os.path.isdir(root):
        return
    for entry in _Walk(root, roots, exclude, is_wanted, max_depth).run():
        yield root, entry


def _split_pattern(pattern: bytes) -> tuple[bytes, list[bytes]]:
    parts = [part for part in pattern.split(b"/") if part not in {b"", b"."}]
    first = next(i for i, part in enumerate(parts) if _MAGIC.search(part))
    start = b"/" if pattern.startswith(b"/") else b""
    return (start + b"/".join(parts[:first])) or b".", parts[first:]


def matches(names: Sequence[bytes], parts: Sequence[bytes]) -> bool:
    """Return whether a path matches a pattern, both cut at ``/``; ``**`` stands for any folders."""
    if not parts:
        return not names
    if parts[0] == b"**":
        return any(matches(names[i:], parts[1:]) for i in range(len(names) + 1))
    return bool(names) and fnmatch.fnmatchcase(names[0], parts[0]) and matches(names[1:], parts[1:])


@dataclass(slots=True)
class _Walk:
    """The state of one walk: which folders it has entered, and what it looks for."""

    root: bytes
    roots: Sequence[bytes]
    exclude: bytes | None
    is_wanted: Callable[[bytes], bool] | None = None
    max_depth: int | None = None
    entered: set[tuple[int, int]] = field(default_factory=set)

    def run(self) -> Iterator[Entry | Trouble]:
        """Yield entries depth first; an explicit stack, as trees can be very deep."""
        if self.exclude is not None:
            self._shut(self.exclude)
        stack = [self._list(self.root, b"", self.is_wanted is None)]
        while stack:
            found = next(stack[-1], None)
            if found is None:
                stack.pop()
            elif isinstance(found, _Folder):
                stack.append(self._list(found.path, found.relative, found.is_whole))
            else:
                yield found

    def _shut(self, folder: bytes) -> None:
        """Mark a folder as entered, unless the walk starts in it or below it."""
        shut, root = os.path.realpath(folder), os.path.realpath(self.root)
        if os.path.isdir(shut) and not _is_below(root, shut):
            self.entered.add(_identity(shut))

    def _list(
        self, folder: bytes, prefix: bytes, is_whole: bool
    ) -> Iterator[Entry | Trouble | _Folder]:
        try:
            if not self._enter(folder):
                return
            real_folder = os.path.realpath(folder)
            # Since it was listed, a link may have taken its place.
            is_left = not self._is_inside(real_folder)
            hidden, names = _parted([] if is_left else sorted(_scan(real_folder)))
        except OSError as error:
            yield Trouble(folder, error)
            return
        if is_left:
            yield Entry(folder, folder, LEADS_OUT)
        yield from (_hidden(folder, name, kind) for name, kind in hidden if is_whole)
        for name, kind in names:
            relative = prefix + name
            is_match = is_whole or self.is_wanted is None or self.is_wanted(relative)
            path = os.path.join(folder, name)
            target = self._follow(path) if kind == _LINK else path
            if target is None:
                if is_match:
                    yield Entry(path, path, LEADS_OUT)
            elif kind == _FOLDER or (kind == _LINK and os.path.isdir(target)):
                if is_match or self._may_hold_matches(relative):
                    yield _Folder(path, relative + b"/", is_match)
            elif is_match:
                real = target if kind == _LINK else os.path.join(real_folder, name)
                is_file = kind == _FILE or (kind == _LINK and os.path.isfile(target))
                yield Entry(path, real, "" if is_file else "no regular file")

    def _may_hold_matches(self, relative: bytes) -> bool:
        return self.max_depth is None or relative.count(b"/") + 1 < self.max_depth

    def _enter(self, folder: bytes) -> bool:
        identity = _identity(folder)
        is_new = identity not in self.entered
        self.entered.add(identity)
        return is_new

    def _follow(self, link: bytes) -> bytes | None:
        target = os.path.realpath(link)
        return target if self._is_inside(target) and os.path.exists(target) else None

    def _is_inside(self, real_path: bytes) -> bool:
        return any(_is_below(real_path, root) for root in self.roots)


@dataclass(frozen=True, slots=True)
class _Folder:
    path: bytes
    relative: bytes
    is_whole: bool


_FILE, _FOLDER, _LINK, _OTHER = range(4)


def _scan(folder: bytes) -> Iterator[tuple[bytes, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            yield entry.name, _kind(entry)


def _parted(names: list[tuple[bytes, int]]) -> tuple[list[tuple[bytes, int]], ...]:
    hidden = [item for item in names if item[0].startswith(b".")]
    return hidden, [item for item in names if not item[0].startswith(b".")]


def _hidden(folder: bytes, name: bytes, kind: int) -> Entry:
    path = os.path.join(folder, name) + (b"/" if kind == _FOLDER else b"")
    return Entry(path, path, HIDDEN)


def _kind(entry: os.DirEntry[bytes]) -> int:
    if entry.is_symlink():
        return _LINK
    if entry.is_dir(follow_symlinks=False):
        return _FOLDER
    return _FILE if entry.is_file(follow_symlinks=False) else _OTHER


def _identity(folder: bytes) -> tuple[int, int]:
    status = os.stat(folder)
    return status.st_dev, status.st_ino


def _is_below(path: bytes, root: bytes) -> bool:
    return path == root or path.startswith(root.rstrip(b"/") + b"/")
