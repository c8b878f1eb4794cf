"""Measures what a second reader is worth: the text engine, a played model, and both together.

Knows nothing of any real model. The model is played from the labels of documents: it copies the
right value as the page prints it, or errs at a stated rate, always equally sure of itself. An error
is another value of that kind printed on the page, digits that stand nowhere, or nothing; a field
that the page does not have gets such an invention at the same rate. Run:
``python benchmarks/two_readers.py FOLDER_OF_DATASETS --words FOLDER [--per-dataset 12]``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import pickle
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from accuracy_cases import SCHEMAS, known_gaps, opened, unlabelled_names, without_gaps

from docextract.core import EngineInfo, FieldStatus, Page, RecordStatus
from docextract.documents.pages.parts import Part, collect
from docextract.engine.base import Answer, Question
from docextract.engine.text import TextEngine
from docextract.evaluation import NameMapping, Table, read_truth, to_markdown
from docextract.evaluation.judging.document_judge import judge
from docextract.evaluation.judging.given import Given
from docextract.evaluation.judging.verdicts import DocumentScore, Verdict
from docextract.evaluation.labels.expected import Expected, Translator
from docextract.pipeline.assess import Judge, Stopwatch
from docextract.pipeline.document import Assembly, DocumentJob, read_first
from docextract.schema import Field, Kind, Schema, get, leaves, put_unit
from docextract.schema.loading import load_schema
from docextract.verify.confidence.weights import shipped_calibration

RATES = (0.0, 0.05, 0.15)
SURE = 0.95
"""What the played model believes of all it says, right or wrong."""
WAYS = {"model alone": None, "both, asked what is in doubt": "doubt", "both, asked all": "all"}
INVENTED = {Kind.DATE: "17.03.2019", Kind.CURRENCY: "CHF", Kind.TIME: "04:44"}
HEADER = ("Reader", "Errors", "Questions", "Fields asked", "Verified", "Right of them",
          "`ok`", "All right of them")  # fmt: skip


def half_of(row: dict[str, Any]) -> str:
    """Return ``aside`` for a quarter of the groups, by a hash of their names, else ``tuned``."""
    group = row.get("meta", {}).get("group", row["id"])
    return "aside" if int(hashlib.sha1(group.encode()).hexdigest(), 16) % 4 == 3 else "tuned"


class Paper(NamedTuple):
    """One labelled document: its parts, what it says, and where that stands.

    Attributes:
        printed: by path, the number of a page and what it prints there.
    """

    parts: Sequence[Part]
    schema: Schema
    expected: Expected
    printed: Mapping[str, tuple[int, str]]

    @property
    def labelled(self) -> set[str]:
        """The paths somebody said something of."""
        return {path for path, _ in leaves(self.expected.values)}


@dataclass
class Played:
    """A reader that knows the truth, and errs at a rate.

    Attributes:
        paper: that it is shown.
        rate: 0 to 1, of errors and of inventions.
        unlabelled: what it says of fields that nobody labelled, so that their gaps do not count
            against a reader that stands alone; beside another one it says nothing of them.
        num_fields: that it was asked for so far.
    """

    paper: Paper
    rate: float
    unlabelled: Answer
    num_fields: int = 0

    info = EngineInfo("played")
    needs_images = False
    max_pages: int | None = 1
    can_look_closer = False

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Return an answer to each question."""
        return [self._answer(question) for question in questions]

    def close(self) -> None:
        """Nothing to free."""

    def _answer(self, question: Question) -> Answer:
        header = [item for item in question.schema.fields if "[]" not in item.path]
        self.num_fields += len(header)
        values: dict[str, Any] = {}
        for item in header:
            put_unit(values, item.path, self._say(item, question.pages[0], item.path))
        for path in question.schema.list_paths:
            put_unit(values, path, self._rows(path, question.schema, question.pages[0]))
        given = {path: SURE for path, value in leaves(values) if value is not None}
        return Answer(values, given)

    def _rows(self, path: str, schema: Schema, page: Page) -> list[dict[str, Any]]:
        """Return the rows that the page prints, of those somebody labelled."""
        said = list[dict[str, Any]]()
        for start in dict.fromkeys(
            found.partition("]")[0] for found in self.paper.printed if found.startswith(f"{path}[")
        ):
            row: dict[str, Any] = {}
            for item in schema.members(path):
                name = item.path.rpartition("].")[2]
                at = f"{start}].{name}"
                is_here = self.paper.printed.get(at, (0, ""))[0] == page.number
                put_unit(row, name, self._say(item, page, at) if is_here else None)
            if any(value is not None for _, value in leaves(row)):
                said.append(row)
        return said

    def _say(self, item: Field, page: Page, path: str) -> str | None:
        if "[" not in path and path not in self.paper.labelled:
            place = self.unlabelled.places.get(path)
            is_here = place is not None and place.page == page.number
            return get(self.unlabelled.values, path) if is_here else None
        # The same question gets the same answer, however it is asked.
        chance = random.Random(f"{question_key(self.paper)} {path} {page.number}")
        where, printed = self.paper.printed.get(path, (None, None))
        right = printed if where == page.number else None
        if chance.random() >= self.rate:
            return right
        if right is not None and chance.random() < 1 / 3:
            return None
        neighbours = [
            text
            for at, (number, text) in self.paper.printed.items()
            if number == page.number and text != right and self._kind(at) is item.kind
        ]
        if neighbours and chance.random() < 1 / 2:
            return chance.choice(neighbours)
        return _invented(item, right, chance)

    def _kind(self, path: str) -> Kind | None:
        found = self.paper.schema.field_at(path)
        return found.kind if found else None


def question_key(paper: Paper) -> str:
    """Return what names a document."""
    return paper.expected.labels.file


def _invented(item: Field, right: str | None, chance: random.Random) -> str:
    if right is not None and any(char.isdigit() for char in right):
        place = chance.choice([at for at, char in enumerate(right) if char.isdigit()])
        return (
            f"{right[:place]}{(int(right[place]) + chance.randint(1, 9)) % 10}{right[place + 1 :]}"
        )
    if item.kind.is_number:
        return f"{chance.randint(1, 9999)}.{chance.randint(0, 99):02}"
    return INVENTED.get(item.kind, f"Nobody {chance.randint(100, 999)} Ltd")


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
            yield Paper(parts, schema, known, _printed(parts, schema, known))


def _parts(dataset: Path, file: str, words: Path) -> list[Part] | None:
    kept = words / dataset.name / f"{Path(file).stem}.pkl"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(opened(dataset / file)))
    parts = pickle.loads(kept.read_bytes())
    return parts if isinstance(parts, list) else None


def _printed(
    parts: Sequence[Part], schema: Schema, expected: Expected
) -> dict[str, tuple[int, str]]:
    """Return how and where the page prints what is true; what it does not print is not said."""
    judged = Judge(
        collect(parts), schema, dt.date(2026, 11, 29), shipped_calibration(), Stopwatch()
    ).judge(Answer(expected.values))
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


def read_with_text(paper: Paper) -> Outcome:
    """Return what becomes of a document that the text engine reads alone."""
    job = DocumentJob(paper.schema, TextEngine(), "", dt.date(2026, 11, 29))
    return _outcome(paper, Assembly(job), 0)


def read_with_model(paper: Paper, rate: float, ask: str | None) -> Outcome:
    """Return what becomes of a document that the played model reads, alone or as the second."""
    text = DocumentJob(paper.schema, TextEngine(), "", dt.date(2026, 11, 29))
    first = read_first(text, paper.parts)
    played = Played(paper, rate, first.answer if ask is None else Answer({}))
    info = replace(played.info, ask=ask)
    job = DocumentJob(paper.schema, played, "", dt.date(2026, 11, 29), info=info)
    assembly = Assembly(job)
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
    yield row_of("text alone", "–", [read_with_text(paper) for paper in found])
    for way, ask in WAYS.items():
        for rate in RATES:
            outcomes = [read_with_model(paper, rate, ask) for paper in found]
            yield row_of(way, f"{rate:.0%}", outcomes)


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
    print(to_markdown([Table(title, HEADER, tuple(rows(found)))]))


if __name__ == "__main__":
    main()
