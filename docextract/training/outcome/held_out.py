"""Reads the held-out documents with an engine and judges each leaf against the print.

Knows nothing of training: any engine will do, and it sees what it would see in a run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from docextract.core import Tree, to_json
from docextract.engine.base import Answer, Engine, Question
from docextract.export.atomic import write_atomically
from docextract.normalise import normalise, same_value
from docextract.schema import Field, Schema
from docextract.training.dataset import Dataset, Item, ItemKind, Split
from docextract.training.examples.page_shelf import DocumentKey, PageShelf

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Leaf:
    """What became of one field of one held-out question.

    Attributes:
        item_id: of the question.
        document: its path.
        path: concrete path of the field.
        wanted: as printed; None where nothing is there.
        given: what the engine said.
        is_exact: whether both are the same print.
        is_right: whether both mean the same.
        probability: the engine's own, where it gave one.
    """

    item_id: str
    document: str
    path: str
    wanted: str | None
    given: str | None
    is_exact: bool
    is_right: bool
    probability: float | None


def held_out_items(dataset: Dataset) -> list[Item]:
    """Return the held-out questions that ask for all that is known."""
    return [item for item in dataset.of(Split.HELD_OUT) if item.is_whole]


def read_held_out(
    engine: Engine,
    dataset: Dataset,
    shelf: PageShelf,
    kept: Path,
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> list[Leaf]:
    """Return what an engine makes of the held-out questions.

    Args:
        engine: that answers.
        dataset: whose questions are asked.
        shelf: its pages.
        kept: file of answers; where it is there, nothing is asked again.
        tell: takes how many of how many are answered.
    """
    items = held_out_items(dataset)
    if not kept.is_file():
        rows = list(_asked(engine, dataset, shelf, items, tell))
        write_atomically(kept, "".join(f"{to_json(row)}\n" for row in rows).encode())
    answers = {row["id"]: row for row in map(json.loads, kept.read_text("utf-8").splitlines())}
    return [leaf for item in items for leaf in _judged(item, answers[item.id], dataset.schemas)]


def _asked(
    engine: Engine,
    dataset: Dataset,
    shelf: PageShelf,
    items: Sequence[Item],
    tell: Callable[[int, int], None],
) -> Iterator[Tree]:
    num_done = 0
    rest = iter(items)
    while some := tuple(islice(rest, _AT_ONCE)):
        answers = engine.answer([_question(item, dataset, shelf) for item in some])
        for item, answer in zip(some, answers, strict=True):
            yield _row(item, answer)
        num_done += len(some)
        tell(num_done, len(items))


def _question(item: Item, dataset: Dataset, shelf: PageShelf) -> Question:
    pages = shelf.pages(DocumentKey(item.path, item.sha256))
    shown = tuple(page for page in pages if page.number in item.pages)
    return item.question(shown, dataset.schemas)


def _row(item: Item, answer: Answer) -> Tree:
    return {
        "id": item.id,
        "values": answer.values,
        "probabilities": {path: round(it, 6) for path, it in answer.probabilities.items()},
        "stop": answer.stop_reason.value,
        "error": None if answer.error is None else str(answer.error),
    }


def _judged(item: Item, row: Tree, schemas: Mapping[str, Schema]) -> Iterator[Leaf]:
    if item.kind is not ItemKind.FIELDS:
        return
    schema = schemas[item.schema]
    wanted, given = dict(_leaves(item.answer, "")), dict(_leaves(row["values"], ""))
    for path in dict.fromkeys([*wanted, *given]):
        leaf = schema.field_at(path)
        if leaf is not None:
            yield _leaf(item, leaf, path, wanted.get(path), given.get(path), row["probabilities"])


def _leaf(
    item: Item,
    leaf: Field,
    path: str,
    wanted: str | None,
    given: str | None,
    probabilities: Mapping[str, float],
) -> Leaf:
    is_exact = _squashed(wanted) == _squashed(given)
    return Leaf(
        item.id,
        item.path,
        path,
        wanted,
        given,
        is_exact,
        is_exact or _is_same(wanted, given, leaf),
        probabilities.get(path),
    )


def _is_same(wanted: str | None, given: str | None, leaf: Field) -> bool:
    first, second = (normalise(text, leaf).value for text in (wanted, given))
    return first is not None and second is not None and same_value(first, second, leaf)


def _squashed(text: str | None) -> str | None:
    return None if text is None else " ".join(text.split())


def _leaves(tree: Any, path: str) -> Iterator[tuple[str, str | None]]:
    if isinstance(tree, dict):
        for name, child in tree.items():
            yield from _leaves(child, f"{path}.{name}" if path else name)
    elif isinstance(tree, list):
        for index, child in enumerate(tree):
            yield from _leaves(child, f"{path}[{index}]")
    else:
        yield path, tree
