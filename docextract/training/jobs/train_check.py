"""Looks at a dataset before it is trained on: what it holds, what fits, what memory it takes.

Knows nothing of terminals. No weights are loaded: the processor and the config tell lengths.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from docextract.training.collect.opened_pages import PageReader
from docextract.training.dataset import Dataset, LeftOut
from docextract.training.examples.example import ExampleMaker
from docextract.training.examples.example_set import make_examples, nothing_made
from docextract.training.examples.page_shelf import PageShelf
from docextract.training.train_settings import Method
from docextract.training.weights.empty_model import load_empty
from docextract.training.weights.memory_need import TrainMemory, footprint_of, train_memory


@dataclass(frozen=True)
class Checked:
    """What was found.

    Attributes:
        kinds: questions by side and kind.
        num_fitting: questions that fit the model's context.
        context: tokens it can hold.
        longest: tokens of the longest question with its answer.
        longest_answer: tokens of the longest answer.
        left_out: what does not fit, or cannot be opened.
        memory: of each way of training.
    """

    kinds: Mapping[str, int]
    num_fitting: int
    context: int
    longest: int
    longest_answer: int
    left_out: tuple[LeftOut, ...]
    memory: tuple[TrainMemory, ...]


def check_dataset(dataset: Dataset, base: Path, *, detail: str, rank: int) -> Checked:
    """Return what a dataset and a model make of each other.

    Args:
        dataset: that would be taught.
        base: folder of the model.
        detail: how closely pages would be looked at.
        rank: of a LoRA.

    Raises:
        ModelLoadError: the folder holds no usable model.
        NoDocumentsError: no document can be opened.
    """
    maker = ExampleMaker(load_empty(base), dataset.schemas, detail=detail)
    left_out: list[LeftOut] = []
    with PageReader() as reader:
        examples = make_examples(dataset.items, maker, PageShelf(dataset, reader), left_out)
    if not examples:
        raise nothing_made(left_out)
    longest = max(example.num_tokens for example in examples.values())
    answer = max(len(example.answer_ids) for example in examples.values())
    shape = footprint_of(json.loads((base / "config.json").read_text(encoding="utf-8")))
    ways = (train_memory(shape, method, rank, longest, answer) for method in Method)
    kinds = Counter(f"{item.split}, {item.kind}" for item in dataset.items)
    return Checked(
        dict(sorted(kinds.items())),
        len(examples),
        maker.context,
        longest,
        answer,
        tuple(left_out),
        tuple(ways),
    )
