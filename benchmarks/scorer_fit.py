"""Refits the weights of labels, places and readings in ``scorer.json`` to labelled documents.

Knows nothing of how options are found or documents read. A conditional logit (McFadden, 1974): of
the options that labels offer for a field, the right one is to come out best; weights are drawn
towards those that stand. Each source is judged by weights fitted to all others. Run:
``python benchmarks/scorer_fit.py FOLDER_OF_DATASETS --words KEPT [--write scorer.json]``.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from accuracy_cases import Case, read_cases, records_of, text_engine

from docextract.engine.base import Answer, Engine, Question
from docextract.engine.text.fields.labelled import field_options
from docextract.engine.text.labels.hidden_columns import with_table
from docextract.engine.text.labels.index import build_index
from docextract.engine.text.scorer import Scorer, shipped_scorer
from docextract.engine.text.text_document import Option, Reader
from docextract.evaluation import NameMapping, evaluate
from docextract.evaluation.judging.value_match import is_right
from docextract.normalise import normalise
from docextract.schema import Field
from docextract.verify.confidence.weights import shipped_calibration

FITTED = ("label.", "spot.", "reading.")
STRENGTH = 10.0
"""How many choices' worth the weights that stand count, per weight."""
_STEPS = 30


class Choice(NamedTuple):
    """The options of one field of one document: what each has, and which are right."""

    source: str
    factors: list[dict[str, float]]
    offsets: list[float]
    right: list[bool]


class Listening:
    """An engine that notes the options labels offer for each field of a document."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.options: dict[str, list[Option]] = {}
        self.info = engine.info
        self.needs_images, self.max_pages = engine.needs_images, engine.max_pages
        self.can_look_closer = False

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Return one answer per question."""
        for question in questions:
            reader = Reader.of(question.pages, build_index(with_table(question.schema)))
            self.options |= field_options(reader, set()) if reader.layout.lines else {}
        return self._engine.answer(questions)

    def close(self) -> None:
        """Forget the options."""
        self.options.clear()


def choices_of(case: Case, engine: Engine, scorer: Scorer) -> Iterable[Choice]:
    """Yield a document's fields that labels offer several values for, one of them right."""
    listening = Listening(engine)
    given = records_of([case], listening, shipped_calibration())
    (document,) = evaluate([case.labels], given, case.schema, NameMapping.load()).documents
    fields = {field.path: field for field in case.schema.fields}
    for value in document.values:
        options = listening.options.get(value.path, ())
        if value.truth is None or len(options) < 2:
            continue
        right = [_is_right(option, value.truth, fields[value.path]) for option in options]
        if any(right) and not all(right):
            yield _choice(case.source, options, right, scorer)


def _is_right(option: Option, truth: str, field: Field) -> bool:
    value = normalise(option.text, field).value
    return value is not None and is_right(value, truth, field)


def _choice(source: str, options: Sequence[Option], right: list[bool], scorer: Scorer) -> Choice:
    factors, offsets = [], []
    for option in options:
        own: dict[str, float] = defaultdict(float)
        for name, value in option.factors:
            if name.startswith(FITTED) and not scorer.weights[name].scales:
                own[name] += value
        known = sum(value * math.log(scorer.weights[name].times) for name, value in own.items())
        factors.append(dict(own))
        offsets.append(math.log(max(option.score, 1e-6)) - known)
    return Choice(source, factors, offsets, right)


def fit(choices: Sequence[Choice], names: Sequence[str], prior: np.ndarray, power: float) -> Any:
    """Return the logs of weights that make right options best, by Newton's method.

    No weight may come out above 1: what these factors say is always against an option.
    """
    logs = prior.copy()
    for _ in range(_STEPS):
        slope, curvature = STRENGTH * (prior - logs), STRENGTH * np.eye(len(names))
        for choice in choices:
            inputs = power * _matrix(choice, names)
            chances = _softmax(inputs @ logs + power * np.array(choice.offsets))
            wanted = chances * choice.right
            wanted /= max(wanted.sum(), 1e-12)
            slope += inputs.T @ (wanted - chances)
            mean = inputs.T @ chances
            curvature += (inputs.T * chances) @ inputs - np.outer(mean, mean)
        step = np.linalg.solve(curvature, slope)
        logs = np.minimum(logs + np.clip(step, -0.5, 0.5), 0.0)
        if np.abs(step).max() < 1e-4:
            break
    return logs


def _matrix(choice: Choice, names: Sequence[str]) -> np.ndarray:
    return np.array([[own.get(name, 0.0) for name in names] for own in choice.factors])


def _softmax(scores: np.ndarray) -> np.ndarray:
    raised = np.exp(scores - scores.max())
    return np.asarray(raised / raised.sum())


def num_right(choices: Iterable[Choice], names: Sequence[str], logs: np.ndarray) -> int:
    """Return in how many choices a right option is the best."""
    best = (int(np.argmax(_matrix(c, names) @ logs + np.array(c.offsets))) for c in choices)
    return sum(c.right[at] for c, at in zip(choices, best, strict=True))


def main() -> None:
    """Fit with each source left out, print what that does, and write what all sources teach."""
    options = _options()
    scorer, engine = shipped_scorer(), text_engine()
    folders = sorted(path.parent for path in options.folder.glob("*/truth.jsonl"))
    cases = [case for folder in folders for case in read_cases(folder, options.words)]
    choices = [choice for case in cases for choice in choices_of(case, engine, scorer)]
    names = sorted({name for choice in choices for own in choice.factors for name in own})
    prior = np.log([scorer.weights[name].times for name in names])
    power, total, before, after = scorer.odds[1], 0, 0, 0
    for source in sorted({choice.source for choice in choices}):
        own = [choice for choice in choices if choice.source == source]
        others = [choice for choice in choices if choice.source != source]
        logs = fit(others, names, prior, power)
        counts = len(own), num_right(own, names, prior), num_right(own, names, logs)
        total, before, after = total + counts[0], before + counts[1], after + counts[2]
        print(f"{source:28} {counts[0]:5} choices, best is right {counts[1]:5} -> {counts[2]:5}")
    print(f"{'all':28} {total:5} choices, best is right {before:5} -> {after:5}")
    fitted = dict(zip(names, np.exp(fit(choices, names, prior, power)), strict=True))
    for name, weight in fitted.items():
        print(f"{name:32} {scorer.weights[name].times:6.3f} -> {weight:6.3f}")
    if options.write:
        _write(options.write, fitted)


def _write(path: Path, fitted: dict[str, float]) -> None:
    tree = json.loads(path.read_text(encoding="utf-8"))
    for name, weight in fitted.items():
        group, _, factor = name.partition(".")
        tree["products"][group][factor] = round(float(weight), 3)
    path.write_text(json.dumps(tree, indent=2) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--words", type=Path, required=True, help="kept words of pages")
    parser.add_argument("--write", type=Path, help="write the weights fitted to all into this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
