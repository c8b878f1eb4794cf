"""Which items each step of training takes: a pure function of the dataset, the seed and the step.

Knows nothing of models. An epoch asks every document once, a question drawn by weight; so a resumed
run needs nothing but the number of its step.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from docextract.training.dataset.item import Item


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
