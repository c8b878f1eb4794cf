"""Looks at a dataset before it is trained on: what it holds, what fits, what memory it takes.

Knows nothing of terminals. No weights are loaded: the processor and the config tell lengths.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from docextract.core import ANSWER_FORMS
from docextract.training.collect.opened_pages import PageReader
from docextract.training.dataset import Dataset, LeftOut
from docextract.training.examples.example import Example, ExampleMaker
from docextract.training.examples.example_set import make_examples, nothing_made
from docextract.training.examples.page_shelf import PageShelf
from docextract.training.train_settings import Method
from docextract.training.weights.empty_model import load_empty
from docextract.training.weights.memory_need import TrainMemory, footprint_of, train_memory


@dataclass(frozen=True)
class FormNeed:
    """What questions take when answers are written in one form.

    Attributes:
        form: of answers, as ``--answer-form`` names it.
        num_fitting: questions that fit the model's context.
        longest: tokens of the longest question with its answer.
        longest_answer: tokens of the longest answer.
    """

    form: str
    num_fitting: int
    longest: int
    longest_answer: int


@dataclass(frozen=True)
class Checked:
    """What was found.

    Attributes:
        kinds: questions by side and kind.
        context: tokens the model can hold.
        forms: what each form of answers takes.
        left_out: what does not fit in a form, or cannot be opened.
        memory: of each way of training, for the longest question of any form.
    """

    kinds: Mapping[str, int]
    context: int
    forms: tuple[FormNeed, ...]
    left_out: tuple[LeftOut, ...]
    memory: tuple[TrainMemory, ...]

    @property
    def num_fitting(self) -> int:
        """Questions that fit in one form at least."""
        return max(need.num_fitting for need in self.forms)


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
    loaded = load_empty(base)
    left_out: list[LeftOut] = []
    with PageReader() as reader:
        shelf = PageShelf(dataset, reader)
        makers = [
            ExampleMaker(loaded, dataset.schemas, detail=detail, answer_form=form)
            for form in ANSWER_FORMS
        ]
        forms = [
            _need(form, make_examples(dataset.items, maker, shelf, left_out))
            for form, maker in zip(ANSWER_FORMS, makers, strict=True)
        ]
    if not any(need.num_fitting for need in forms):
        raise nothing_made(left_out)
    longest = max(need.longest for need in forms)
    answer = max(need.longest_answer for need in forms)
    shape = footprint_of(json.loads((base / "config.json").read_text(encoding="utf-8")))
    ways = (train_memory(shape, method, rank, longest, answer) for method in Method)
    kinds = Counter(f"{item.split}, {item.kind}" for item in dataset.items)
    # What is lost in both forms is told once, though its tokens differ.
    lost = {(row.document, row.field, row.why): row for row in reversed(left_out)}
    rows = tuple(reversed(lost.values()))
    return Checked(dict(sorted(kinds.items())), makers[0].context, tuple(forms), rows, tuple(ways))


def _need(form: str, examples: Mapping[str, Example]) -> FormNeed:
    made = examples.values()
    longest = max((example.num_tokens for example in made), default=0)
    answer = max((len(example.answer_ids) for example in made), default=0)
    return FormNeed(form, len(examples), longest, answer)
