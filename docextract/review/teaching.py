"""Teaches the memory of layouts what people confirmed in one output folder.

Knows nothing of how a layout is recognised or recalled. Memory follows from labels: what another
reviewer wrote over is learned again the next time, and so is a document of which more was said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from docextract.core import Box, DocumentError, FieldStatus, OptionError, Place, Tree
from docextract.learning.lessons import Lesson, learn
from docextract.learning.memory import FILE_NAME, Memory, load_memory, save_memory
from docextract.review.desk.desk import Desk
from docextract.review.pictures.page_pictures import PagePictures
from docextract.store import FOLDER


def teach(
    desk: Desk,
    tell: Callable[[str], None],
    password: str | None = None,
    *,
    is_anew: bool = False,
) -> Memory:
    """Bring the memory of a folder up to what was said there, and return it.

    Documents that cannot be read, as their file is gone, are left out until they can.

    Args:
        desk: where.
        tell: told a line of each document that is left out.
        password: tried on encrypted PDFs.
        is_anew: learn from every document again, forgotten ones too.

    Raises:
        UsageError: the memory cannot be read.
        StoreError: it cannot be written.
    """
    path = desk.out / FOLDER / FILE_NAME
    memory = load_memory(path)
    newest: dict[str, int] = {}
    for label in desk.labels():
        newest[label.sha256] = label.id
    is_changed = any(newest.get(sha256) != number for sha256, number in memory.seen.items())
    if is_changed or is_anew:
        memory = memory.foreign()
    if is_anew:
        memory = replace(memory, forgotten=())
    with PagePictures(desk.out, password) as pages:
        for sha256, number in newest.items():
            if sha256 in memory.seen:
                continue
            try:
                memory = _taught(memory, desk, pages, sha256, number)
            except (DocumentError, OptionError) as error:
                tell(f"nothing is learned from {_called(desk, sha256)}: {error}")
    save_memory(path, memory)
    return memory


def _taught(memory: Memory, desk: Desk, pages: PagePictures, sha256: str, number: int) -> Memory:
    tree = desk.record(sha256).tree
    said = {path: it for path, it in tree["fields"].items() if _is_said(path, it)}
    if not said:
        return memory
    own = pages.pages(sha256)
    values = {path: _value(tree, path) for path in said}
    read = {path: it["confirmed"]["read"] for path, it in said.items()}
    places = {path: place for path, it in said.items() if (place := _place(it)) is not None}
    taught = learn(memory, Lesson(sha256, own, desk.schema.of(tree), values, places, read))
    return replace(taught, seen=taught.seen | {sha256: number})


def _called(desk: Desk, sha256: str) -> str:
    try:
        return str(desk.record(sha256).tree["document"]["path"])
    except OptionError:
        return f"a document that is no longer here ({sha256[:12]})"


def _is_said(path: str, field: Tree) -> bool:
    return "[" not in path and field["status"] == FieldStatus.CONFIRMED


def _value(tree: Tree, path: str) -> str | None:
    found = tree["values"] or {}
    for name in path.split("."):
        found = (found or {}).get(name)
    return None if found is None else str(found)


def _place(field: Tree) -> Place | None:
    for item in field["evidence"]:
        if item["box"] is not None:
            return Place(item["page"], Box(*item["box"]))
    return None
