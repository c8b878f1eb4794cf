"""Measures what confirmed documents do for the next of their layout.

It confirms what is labelled, reads on and counts. Run:
``python benchmarks/learning.py FOLDER_OF_DATASETS --words FOLDER [--plot FILE]``.
Documents of a group (a vendor, a merchant, a template) come in the order of their labels; after
0, 1, 2 and 3 of them were confirmed, the same later ones are read and scored, outside lists. An
error is a labelled value that is missing or wrong, or a value where the labels say there is none,
whatever its status. ``not_on_paper.toml`` names labels that differ from their page or are not
printed there: errors are counted with and without them.

The documents were tuned on, so their vendors' words are in the vocabulary and few errors are left.
``--unknown-words 0.5`` leaves half of its phrases out, by hash: the same paper then comes from
vendors whose words nobody has written down. Nothing but the phrases of ``[labels]`` is left out.
``--drawn`` measures drawn vendors instead, in words that were never in it (``drawn_vendors.py``).
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from accuracy_cases import (
    SCHEMAS,
    kept_parts,
    known_gaps,
    text_engine,
    unlabelled_names,
    without_gaps,
)
from drawn_vendors import draw_all
from learning_curve import curve_svg

from docextract.core import Box, FieldStatus, Page, Place, Tree
from docextract.engine.base import Engine
from docextract.evaluation import NameMapping, evaluate, read_truth
from docextract.evaluation.judging.given import Given
from docextract.evaluation.judging.verdicts import DocumentScore, Verdict
from docextract.evaluation.labels.truth import Labels
from docextract.learning.lessons import Lesson, learn
from docextract.learning.memory import Memory
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.schema import Schema, vocabulary
from docextract.schema.loading import load_schema

MAX_CONFIRMED = 3
MAX_IN_GROUP = 10
_ALL = "~ all"
_KINDS = {
    "adbuy_fcc": "stations", "sroie": "companies", "invoices_fr_synth": "templates",
    "zugferd": "vendors", "zugferd_scan": "vendors", "facturx_conflict": "vendors",
    "orderx": "vendors", "invoice2data": "vendors", "vendor_samples": "vendors",
    "receipts_cc0": "brands", "receipts_softmatic": "brands", "format_variants": "brands",
    "drawn_vendors": "drawn vendors", "fresh_e_invoice": "new senders",
    "fresh_e_order": "new senders", "fresh_e_receipt": "new senders",
}  # fmt: skip
"""What the groups of a dataset are of."""
_ERRORS = (Verdict.WRONG, Verdict.MISSED, Verdict.FABRICATED)


@dataclass
class Count:
    """Figures of one number of confirmed documents."""

    documents: int = 0
    known: int = 0
    right: int = 0
    errors: int = 0
    mendable: int = 0
    verified: int = 0
    verified_right: int = 0

    def add(self, score: DocumentScore, unmet: Collection[str] = ()) -> None:
        """Count the values of a document that stand outside lists.

        Args:
            score: of the document.
            unmet: fields whose label no reading of the page can meet.
        """
        self.documents += 1
        for value in score.values:
            if "[" in value.path or value.verdict is Verdict.ABSENT:
                continue
            is_right = value.verdict is Verdict.RIGHT
            self.known += value.truth is not None
            self.right += is_right
            self.errors += value.verdict in _ERRORS
            self.mendable += value.verdict in _ERRORS and value.path not in unmet
            if value.claim and value.claim.status is FieldStatus.VERIFIED:
                self.verified += 1
                self.verified_right += is_right


@dataclass(frozen=True)
class Group:
    """Labelled documents of one layout, with their opened parts."""

    dataset: str
    name: str
    schema: Schema
    labels: Sequence[Labels]
    parts: Sequence[list[Any]]

    def unmet(self, index: int) -> set[str]:
        """Return the fields of a document whose label no reading of its page can meet."""
        return _UNMET.get(f"{self.dataset}/{Path(self.labels[index].file).stem}", set())


def _unmet() -> dict[str, set[str]]:
    listed = tomllib.loads((Path(__file__).parent / "not_on_paper.toml").read_text("utf-8"))
    found: dict[str, set[str]] = defaultdict(set)
    for label in listed["label"]:
        for name in label["documents"]:
            found[name].update(label["fields"])
    return found


_UNMET = _unmet()


def groups_of(dataset: Path, words: Path) -> Iterator[Group]:
    """Yield the groups of a dataset that have two documents or more."""
    rows = {r["file"]: r for r in map(json.loads, (dataset / "truth.jsonl").open("rb"))}
    never, gaps = unlabelled_names(rows.values()), known_gaps()
    found: dict[tuple[str, str], list[Labels]] = defaultdict(list)
    for item in read_truth(dataset / "truth.jsonl"):
        row = rows[item.file]
        group = row.get("meta", {}).get("group")
        if item.schema_name in SCHEMAS and group:
            named = (f"{dataset.name}/{row['id']}", f"{dataset.name}/*")
            left_out = never.union(*(gaps.get(name, set()) for name in named))
            found[item.schema_name, group].append(without_gaps(item, row, left_out))
    for (schema, name), labels in found.items():
        if len(labels) > 1:
            loaded = load_schema(SCHEMAS[schema])
            kept = [(it, kept_parts(dataset, it.file, words)) for it in labels[:MAX_IN_GROUP]]
            own = [(item, parts) for item, parts in kept if parts]
            yield Group(dataset.name, name, loaded, *map(list, zip(*own, strict=True)))


def read(group: Group, index: int, memory: Memory, engine: Engine) -> tuple[Tree, DocumentScore]:
    """Return the record of one document of a group, and its score."""
    job = replace(DocumentJob(group.schema, engine, "", dt.date.today()), memory=memory)
    assembly = Assembly(job)
    for part in group.parts[index]:
        assembly.add(part)
    tree = assembly.record().to_json()
    given, mapping = [Given.from_record(tree)], NameMapping.load()
    (score,) = evaluate([group.labels[index]], given, group.schema, mapping).documents
    return tree, score


def lesson_of(group: Group, index: int, tree: Tree, score: DocumentScore) -> Lesson:
    """Return a document as a person confirms it: what is labelled, where a run saw it right."""
    values = {v.path: _confirmed(v) for v in score.values if "[" not in v.path}
    seen = {value.path: value.value for value in score.values}
    places = {
        value.path: Place(item["page"], Box(*item["box"]))
        for value in score.values
        if value.verdict is Verdict.RIGHT and value.path in tree["fields"]
        for item in tree["fields"][value.path]["evidence"][:1]
        if item["box"] is not None
    }
    pages = [part for part in group.parts[index] if isinstance(part, Page)]
    return Lesson(tree["document"]["sha256"], pages, group.schema, values, places, seen)


def _confirmed(value: Any) -> str | None:
    found: str | None = value.value if value.verdict is Verdict.RIGHT else value.truth
    return found


def measure(group: Group) -> Iterator[tuple[int, bool, int, DocumentScore]]:
    """Yield how later documents fare.

    That is how many were confirmed, whether it is read with memory, which it is, and its score.
    """
    engine = text_engine()
    first = [read(group, index, Memory(), engine) for index in range(len(group.parts))]
    memory = Memory()
    for number in range(1, min(MAX_CONFIRMED, len(first) - 1) + 1):
        memory = learn(memory, lesson_of(group, number - 1, *first[number - 1]))
        for index in range(number, len(first)):
            yield number, False, index, first[index][1]
            yield number, True, index, read(group, index, memory, engine)[1]


def table(counts: dict[tuple[str, int, bool], Count]) -> Iterator[str]:
    """Yield the rows of a Markdown table."""
    yield (
        "| set | confirmed | later | recall % | errors | fewer % | on the paper | fewer % "
        "| `verified` right % |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for (name, number, is_taught), found in sorted(counts.items()):
        if is_taught:
            yield _row(name, number, counts[name, number, False], found)


def _row(name: str, number: int, before: Count, after: Count) -> str:
    def pair(one: float, other: float) -> str:
        return f"{one:.1f} -> {other:.1f}"

    def fall(one: int, other: int) -> str:
        return f"{one} -> {other} | {100 * (1 - other / one) if one else 0:.0f}"

    recall = pair(*(100 * c.right / max(c.known, 1) for c in (before, after)))
    sure = pair(*(100 * c.verified_right / max(c.verified, 1) for c in (before, after)))
    errors, mendable = (
        fall(before.errors, after.errors), fall(before.mendable, after.mendable)
    )  # fmt: skip
    return f"| {name} | {number} | {after.documents} | {recall} | {errors} | {mendable} | {sure} |"


def count_all(groups: Iterable[Group]) -> dict[tuple[str, int, bool], Count]:
    """Return the figures by set, number of confirmed documents, and whether with memory."""
    counts: dict[tuple[str, int, bool], Count] = defaultdict(Count)
    for group in groups:
        for number, is_taught, index, score in measure(group):
            kind = _KINDS.get(group.dataset, "others")
            for name in (f"{kind}: {group.dataset}", f"{kind}: ~ all", _ALL):
                counts[name, number, is_taught].add(score, group.unmet(index))
    return counts


def errors_left(counts: dict[tuple[str, int, bool], Count]) -> list[float]:
    """Return the share of errors left after 0, 1, 2, ... confirmed documents, of all sets."""
    pairs = [
        (counts[_ALL, number, False].mendable, counts[_ALL, number, True].mendable)
        for number in range(1, MAX_CONFIRMED + 1)
    ]
    return [1.0, *(after / max(before, 1) for before, after in pairs)]


def forget_words(share: float) -> None:
    """Leave a share of the vocabulary's phrases out, always the same ones."""
    split = vocabulary.split  # type: ignore[attr-defined]

    def kept(text: str) -> tuple[str, ...]:
        return tuple(phrase for phrase in split(text) if _number(phrase) >= share)

    vocabulary.split = kept  # type: ignore[attr-defined]
    vocabulary.concepts.cache_clear()


def _number(phrase: str) -> float:
    return int(hashlib.sha256(f"a{phrase}".encode()).hexdigest()[:8], 16) / 2**32


def main() -> None:
    """Measure every dataset of a folder that has groups."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="of datasets; none with --drawn")
    parser.add_argument("--words", type=Path, help="kept by accuracy.py --words")
    parser.add_argument("--drawn", action="store_true", help="measure the drawn vendors")
    parser.add_argument("--only", default="", help="datasets, parted by commas")
    parser.add_argument("--unknown-words", type=float, default=0.0, help="share of the vocabulary")
    parser.add_argument("--plot", type=Path, help="keep the curves in this SVG and its .json")
    parser.add_argument("--name", default="known words", help="of the curve")
    options = parser.parse_args()
    if options.unknown_words:
        forget_words(options.unknown_words)
    if not options.drawn and not (options.folder and options.words):
        parser.error("give a folder of datasets and --words, or --drawn")
    with tempfile.TemporaryDirectory() as work:
        folders, words = _datasets(options, Path(work))
        found = count_all(group for folder in folders for group in groups_of(folder, words))
    print("\n".join(table(found)))
    if options.plot:
        _plot(options.plot, options.name, errors_left(found))


def _datasets(options: argparse.Namespace, work: Path) -> tuple[list[Path], Path]:
    """Return the folders to measure, and where words of pages are kept."""
    if options.drawn:
        draw_all(work / "drawn_vendors")
        return [work / "drawn_vendors"], options.words or work / "words"
    wanted = [options.folder / name for name in options.only.split(",") if name]
    found = sorted(path.parent for path in options.folder.glob("*/truth.jsonl"))
    return wanted or found, options.words


def _plot(path: Path, name: str, left: list[float]) -> None:
    """Draw a curve beside those that stand there already."""
    kept = path.with_suffix(".json")
    curves = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    curves[name] = [round(share, 3) for share in left]
    kept.write_text(json.dumps(curves, indent=1) + "\n", "utf-8")
    path.write_text(curve_svg(curves), "utf-8")


if __name__ == "__main__":
    main()
