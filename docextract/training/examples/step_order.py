"""Which items each step of training takes: a pure function of the dataset, the seed and the step.

Knows nothing of models. An epoch asks every document once, a question drawn by weight; so a resumed
run needs nothing but the number of its step.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from docextract.training.dataset import Item

Made = TypeVar("Made")


def step_order(
    items: Sequence[Item], num_steps: int, batch_size: int, seed: int
) -> list[list[str]]:
    """Return the ids of the items of each step.

    Args:
        items: those that are taught.
        num_steps: steps.
        batch_size: questions a step.
        seed: of the draw.

    Raises:
        ValueError: there are no items.
    """
    if not items:
        raise ValueError("no items to order")
    by_document: dict[str, list[Item]] = {}
    for item in sorted(items, key=lambda item: item.id):
        by_document.setdefault(item.document_key, []).append(item)
    drawn = _endless(by_document, seed)
    return [list(islice(drawn, batch_size)) for _ in range(num_steps)]


def drawn(
    items: Sequence[Item],
    num_steps: int,
    batch_size: int,
    seed: int,
    make: Callable[[Sequence[Item]], Mapping[str, Made]],
) -> tuple[list[list[str]], dict[str, Made]]:
    """Return the steps, and what is made of every item that they take.

    Items of which nothing could be made leave their place to others; where nothing could be made
    of any, there are no steps.

    Args:
        items: those that could be taught.
        num_steps: steps.
        batch_size: questions a step.
        seed: of the draw.
        make: returns what it could make of some items, by id.
    """
    made: dict[str, Made] = {}
    left = list(items)
    while left:
        steps = step_order(left, num_steps, batch_size, seed)
        wanted = {one for step in steps for one in step} - made.keys()
        made |= make([item for item in left if item.id in wanted])
        lost = wanted - made.keys()
        if not lost:
            return steps, made
        left = [item for item in left if item.id not in lost]
    return [], {}


def _endless(by_document: Mapping[str, Sequence[Item]], seed: int) -> Iterator[str]:
    epoch = 0
    while True:
        chance = random.Random(f"{seed}:{epoch}")
        keys = list(by_document)
        chance.shuffle(keys)
        for key in keys:
            found = by_document[key]
            weights = [item.weight for item in found]
            yield chance.choices(found, weights)[0].id
        epoch += 1


def num_documents(items: Sequence[Item]) -> int:
    """Return how many groups of pages the items ask about: the length of an epoch."""
    return len({item.document_key for item in items})
