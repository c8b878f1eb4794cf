"""Teaches the memory of layouts what people confirmed in one output folder.

Knows nothing of how a layout is recognised or recalled. Memory follows from labels: what another
reviewer wrote over is learned again the next time, and so is a document of which more was said.
"""

from __future__ import annotations

from dataclasses import replace

from docextract.core import Box, DocumentError, FieldStatus, Place, Tree
from docextract.learning.lessons import Lesson, learn
from docextract.learning.memory import FILE_NAME, Memory, load_memory, save_memory
from docextract.review.desk.desk import Desk
from docextract.review.pictures.page_pictures import PagePictures
from docextract.store import FOLDER


def teach(desk: Desk, password: str | None = None, *, is_anew: bool = False) -> Memory:
    """Bring the memory of a folder up to what was said there, and return it.

    Documents whose file is gone are left out until it is back.

    Args:
        desk: where.
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
            if sha256 not in memory.seen:
                memory = _taught(memory, desk, pages, sha256, number)
    save_memory(path, memory)
    return memory


def _taught(memory: Memory, desk: Desk, pages: PagePictures, sha256: str, number: int) -> Memory:
    tree = desk.record(sha256).tree
    said = {path: it for path, it in tree["fields"].items() if _is_said(path, it)}
    if not said:
        return memory
    try:
        own = pages.pages(sha256)
    except DocumentError:
        return memory
    values = {path: _value(tree, path) for path in said}
    read = {path: it["confirmed"]["read"] for path, it in said.items()}
    places = {path: place for path, it in said.items() if (place := _place(it)) is not None}
    taught = learn(memory, Lesson(sha256, own, desk.schema, values, places, read))
    return replace(taught, seen=taught.seen | {sha256: number})


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
