"""Measures what a second reader is worth: the text engine, a played model, and both together.

Knows nothing of any real model: it is played from the labels of documents (``played_reader``).
Each way of reading has weights of its own, fitted to its readings of all other sources, and every
document is judged by weights that never saw its source. Run:
``python benchmarks/two_readers.py FOLDER_OF_DATASETS --words FOLDER [--per-dataset 12]``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from accuracy import NOTHING_KNOWN
from accuracy_cases import (
    SCHEMAS,
    kept_path,
    known_gaps,
    opened,
    source_of,
    text_engine,
    unlabelled_names,
    without_gaps,
)
from played_reader import Paper, Played

from docextract.core import FieldStatus, RecordStatus
from docextract.documents.pages.parts import Part, collect
from docextract.engine.base import Answer, Engine
from docextract.evaluation import NameMapping, Table, read_truth, to_markdown
from docextract.evaluation.fitting import PRIOR_STRENGTH, fit_calibration
from docextract.evaluation.judging.document_judge import judge
from docextract.evaluation.judging.given import Given
from docextract.evaluation.judging.verdicts import DocumentScore, Verdict
from docextract.evaluation.labels.expected import Expected, Translator
from docextract.pipeline.assess import Judge, Stopwatch
from docextract.pipeline.document import Assembly, DocumentJob, read_first
from docextract.schema import Schema
from docextract.schema.loading import load_schema
from docextract.verify.confidence.weights import Calibration, shipped_calibration

RATES = (0.0, 0.05, 0.15)
TODAY = dt.date(2026, 11, 29)
WAYS = {"model alone": None, "both, asked what is in doubt": "doubt", "both, asked all": "all"}
HEADER = ("Reader", "Errors", "Questions", "Fields asked", "Verified", "Right of them",
          "`ok`", "All right of them")  # fmt: skip


def half_of(row: dict[str, Any]) -> str:
    """Return ``aside`` for a quarter of the groups, by a hash of their names, else ``tuned``."""
    group = row.get("meta", {}).get("group", row["id"])
    return "aside" if int(hashlib.sha1(group.encode()).hexdigest(), 16) % 4 == 3 else "tuned"


def papers(dataset: Path, words: Path, limit: int | None, half: str) -> Iterator[Paper]:
    """Yield the labelled documents of a dataset that are of a schema of the benchmark."""
    lines = (dataset / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    rows = {row["file"]: row for row in map(json.loads, lines)}
    never, gaps = unlabelled_names(rows.values()), known_gaps()
    labels = [
        item
        for item in read_truth(dataset / "truth.jsonl")
        if item.schema_name in SCHEMAS and half in ("all", half_of(rows[item.file]))
    ]
    for item in labels[:: max(1, len(labels) // limit) if limit else 1][:limit]:
        row = rows[item.file]
        unlabelled = never | gaps.get(f"{dataset.name}/{row['id']}", set())
        unlabelled |= gaps.get(f"{dataset.name}/*", set())
        schema = load_schema(SCHEMAS[item.schema_name])
        known = Translator(schema, NameMapping.load()).translate(
            without_gaps(item, row, unlabelled)
        )
        parts = _parts(dataset, item.file, words)
        if parts is not None:
            yield Paper(
                source_of(dataset.name, row), parts, schema, known, _printed(parts, schema, known)
            )


def _parts(dataset: Path, file: str, words: Path) -> list[Part] | None:
    kept = kept_path(words, dataset, file)
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(opened(dataset / file)))
    parts = pickle.loads(kept.read_bytes())
    return parts if isinstance(parts, list) else None


def _printed(
    parts: Sequence[Part], schema: Schema, expected: Expected
) -> dict[str, tuple[int, str]]:
    """Return how and where the page prints what is true; what it does not print is not said."""
    judged = Judge(collect(parts), schema, TODAY, shipped_calibration(), Stopwatch()).judge(
        Answer(expected.values)
    )
    return {
        path: (value.evidence[0].page, value.evidence[0].quote)
        for path, value in judged.fields.items()
        if value.repair is None and value.evidence and value.evidence[0].page is not None
    }


class Outcome(NamedTuple):
    """What became of one document, read one way."""

    score: DocumentScore
    is_ok: bool
    num_questions: int
    num_fields: int


Read = Callable[[Paper, Calibration], Outcome]
"""Reads a document one way and judges it by some weights."""


def read_with_text(engine: Engine, paper: Paper, calibration: Calibration) -> Outcome:
    """Return what becomes of a document that the text engine reads alone."""
    job = DocumentJob(paper.schema, engine, "", TODAY, calibration)
    return _outcome(paper, Assembly(job), 0)


def read_with_model(
    engine: Engine, rate: float, ask: str | None, paper: Paper, calibration: Calibration
) -> Outcome:
    """Return what becomes of a document that the played model reads, alone or as the second."""
    first = read_first(DocumentJob(paper.schema, engine, "", TODAY), paper.parts)
    played = Played(paper, rate, first.answer if ask is None else Answer({}))
    info = replace(played.info, ask=ask)
    assembly = Assembly(DocumentJob(paper.schema, played, "", TODAY, calibration, info))
    if ask is not None:
        assembly.add(first)
    found = _outcome(paper, assembly, None)
    return found._replace(num_fields=played.num_fields)


def _outcome(paper: Paper, assembly: Assembly, num_questions: int | None) -> Outcome:
    for part in paper.parts:
        assembly.add(part)
    record = assembly.record()
    asked = len(record.questions) if num_questions is None else num_questions
    score = judge(paper.expected, Given.from_record(record.to_json()), paper.schema)
    return Outcome(score, record.status is RecordStatus.OK, asked, 0)


def read_apart(found: Sequence[Paper], read: Read) -> list[Outcome]:
    """Return every document, read one way and judged by weights fitted to all other sources."""
    shipped = shipped_calibration()
    first = [(paper.source, read(paper, shipped).score) for paper in found]
    outcomes = list[Outcome]()
    for source in dict.fromkeys(paper.source for paper in found):
        by_source: dict[str, list[DocumentScore]] = {}
        for other, score in first:
            if other != source:
                by_source.setdefault(other, []).append(score)
        fitted = fit_calibration(list(by_source.values()), NOTHING_KNOWN, PRIOR_STRENGTH)
        outcomes += [read(paper, fitted) for paper in found if paper.source == source]
    return outcomes


def row_of(reader: str, errors: str, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Return a row of the table; its figures are of header fields."""
    verified = [
        value.verdict is Verdict.RIGHT
        for outcome in outcomes
        for value in outcome.score.values
        if "[" not in value.path
        and value.claim is not None
        and value.claim.status is FieldStatus.VERIFIED
        and value.value is not None
    ]
    done = [outcome for outcome in outcomes if outcome.is_ok]
    return (
        reader,
        errors,
        str(sum(outcome.num_questions for outcome in outcomes)),
        str(sum(outcome.num_fields for outcome in outcomes)),
        str(len(verified)),
        _share(sum(verified), len(verified)),
        _share(len(done), len(outcomes)),
        _share(sum(map(_is_right, done)), len(done)),
    )


def _is_right(outcome: Outcome) -> bool:
    """Whether no header value that is shown is wrong; what is missing is not shown."""
    wrong = (Verdict.WRONG, Verdict.FABRICATED)
    return not any(v.verdict in wrong for v in outcome.score.values if "[" not in v.path)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} % ({part}/{whole})" if whole else "–"


def rows(found: Sequence[Paper]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table."""
    engine = text_engine()
    yield row_of("text alone", "–", read_apart(found, partial(read_with_text, engine)))
    for way, ask in WAYS.items():
        for rate in RATES:
            read = partial(read_with_model, engine, rate, ask)
            yield row_of(way, f"{rate:.0%}", read_apart(found, read))


def main() -> None:
    """Print the table over the datasets of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--words", type=Path, required=True, help="keeps the words of pages")
    parser.add_argument("--only", default="", help="datasets, parted by commas")
    parser.add_argument("--per-dataset", type=int, help="documents of each")
    parser.add_argument("--half", choices=("all", "tuned", "aside"), default="all")
    options = parser.parse_args()
    wanted = set(options.only.split(",")) - {""}
    folders: Iterable[Path] = sorted(path.parent for path in options.folder.glob("*/truth.jsonl"))
    found = [
        paper
        for folder in folders
        if not wanted or folder.name in wanted
        for paper in papers(folder, options.words, options.per_dataset, options.half)
    ]
    title = f"{len(found)} documents"
    done = list[tuple[str, ...]]()
    for row in rows(found):
        sys.stderr.write(f"{' | '.join(row)}\n")
        done.append(row)
    print(to_markdown([Table(title, HEADER, tuple(done))]))


if __name__ == "__main__":
    main()
