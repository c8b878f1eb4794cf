"""Answers as people read them: what was asked, what was said, and where it stands.

Knows nothing of how a question is answered.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import typer

from docextract.ask.questions.subjects import Source, locate
from docextract.ask.replies.reply import FieldsReply, FreeReply, Reply, Said
from docextract.cli.output.formatting import show_count, show_path
from docextract.core import ErrorItem, Evidence, Match
from docextract.schema import leaves

_MAX_QUOTE = 60
_NOT_FOUND = "not found on the page"


class Printer:
    """Prints replies to stdout as they come; each input is named once."""

    def __init__(self) -> None:
        self._named = ""

    def print(self, reply: Reply) -> None:
        """Print one reply."""
        name = " + ".join(source.document.path for source in reply.sources)
        if name != self._named:
            self._named = name
            typer.echo(show_path(name))
        for line in reply_lines(reply):
            typer.echo(f"  {line}")
        sys.stdout.flush()


def reply_lines(reply: Reply) -> Iterator[str]:
    """Yield what was said, but for the input's name; nothing in it can act on a terminal."""
    if isinstance(reply, FieldsReply):
        yield from _field_lines(reply)
        errors = reply.record.errors
    else:
        yield from _free_lines(reply)
        errors = reply.errors
    for error in errors:
        yield from _error_lines(error)


def _free_lines(reply: FreeReply) -> Iterator[str]:
    yield f"Q: {show_path(reply.question)}"
    best = reply.best
    if best is None:
        yield "A: –" if reply.is_failed else "A: – (not shown, says the model)"
        return
    yield f"A: {show_path(best.text)}"
    yield f"   {_standing(best, reply.sources)}"
    for said in reply.said[1:]:
        pages = _pages(said.pages, reply.sources)
        yield f"or, of {pages}: {show_path(said.text)} ({_standing(said, reply.sources)})"


def _standing(said: Said, sources: tuple[Source, ...]) -> str:
    if said.evidence is not None:
        where = _where(said.evidence, sources)
    else:
        where = _NOT_FOUND if said.is_checkable else "the page has no words to check"
    return where if said.probability is None else f"{where}, probability {said.probability:.2f}"


def _where(evidence: Evidence, sources: tuple[Source, ...]) -> str:
    if evidence.page is None:
        return "embedded data"
    quote = show_path(evidence.quote)
    quote = quote if len(quote) <= _MAX_QUOTE else f"{quote[:_MAX_QUOTE]}…"
    about = "" if evidence.match is not Match.FUZZY else "nearly "
    return f'{_pages((evidence.page,), sources)} prints {about}"{quote}"'


def _pages(numbers: tuple[int, ...], sources: tuple[Source, ...]) -> str:
    if len(sources) == 1:
        return f"page {numbers[0]}" if len(numbers) == 1 else show_count(len(numbers), "page")
    document, number = locate(sources, numbers[0])
    return f"{show_path(document.path)} page {number}"


def _field_lines(reply: FieldsReply) -> Iterator[str]:
    values = dict(leaves(reply.record.values or {}))
    rows = [(path, *_field_cells(path, value, reply)) for path, value in values.items()]
    rows += [(path, "–", "no rows") for path in _empty_lists(reply.record.values or {})]
    widths = [max((len(row[at]) for row in rows), default=0) for at in (0, 1)]
    for path, value, standing in rows:
        yield f"{path:<{widths[0]}}  {value:<{widths[1]}}  {standing}"


def _field_cells(path: str, value: object, reply: FieldsReply) -> tuple[str, str]:
    found = reply.record.fields[path]
    if value is None:
        return "–", found.status.value
    where = _where(found.evidence[0], reply.sources) if found.evidence else _NOT_FOUND
    return show_path(str(value)), f"{found.status.value} {found.confidence:.2f}  {where}"


def _empty_lists(tree: Any, path: str = "") -> Iterator[str]:
    if isinstance(tree, dict):
        for key, child in tree.items():
            yield from _empty_lists(child, f"{path}.{key}" if path else key)
    elif tree == []:
        yield path


def _error_lines(error: ErrorItem) -> Iterator[str]:
    page = "" if error.page is None else f" page {error.page}:"
    yield f"error:{page} {error.reason}: {show_path(error.message)}"
    yield f"hint: {show_path(error.hint)}"
