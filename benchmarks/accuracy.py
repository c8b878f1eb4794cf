"""Scores the text engine on labelled real documents and says which bars hold.

Knows nothing of how values are read, compared or counted. Run:
``python benchmarks/accuracy.py FOLDER_OF_DATASETS [--markdown docs/accuracy.md]``.
A dataset is a folder with ``truth.jsonl`` and its documents. Three quarters of the groups
(a vendor, a merchant, a template) are the tuned part; a quarter, by SHA-1 of the group's
name, is kept aside: nobody looked at those documents while rules were written.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import pickle
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from accuracy_tables import Half, Scored, all_tables

from docextract.batch.runner import run_batch
from docextract.cli.output.reporters import QuietReporter
from docextract.core import DocumentError, ReadOptions, RunOptions
from docextract.documents.discovery.discover import Discovery
from docextract.documents.opening import open_document
from docextract.engine import EngineChoice, load_engine
from docextract.evaluation import NameMapping, evaluate, read_source, read_truth, to_markdown
from docextract.evaluation.fitting import PRIOR_STRENGTH, fit_weights, samples_of
from docextract.evaluation.judging.given import Given
from docextract.evaluation.judging.verdicts import Verdict
from docextract.evaluation.labels.truth import Labels
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.schema.loading import load_schema
from docextract.verify.confidence import Weights

AD_BUY = "contract_number, advertiser, flight_from: date, flight_to: date, gross_amount: money"
SCHEMAS = {name: name for name in ("invoice", "receipt", "purchase_order")} | {"ad_buy": AD_BUY}
READ = ReadOptions(use_embedded=False)
MARKER = "<!-- written by benchmarks/accuracy.py -->"


def half_of(row: dict[str, Any]) -> Half:
    """Return which part a line of truth belongs to."""
    group = row.get("meta", {}).get("group", row["id"])
    return "aside" if int(hashlib.sha1(group.encode()).hexdigest(), 16) % 4 == 3 else "tuned"


def unlabelled_names(rows: Iterable[dict[str, Any]]) -> set[str]:
    """Return the names that no document of a dataset has a value for: nobody labelled them."""
    rows = list(rows)
    names = {name for row in rows for name in row["fields"]}
    return {name for name in names if all(row["fields"].get(name) is None for row in rows)}


def known_gaps() -> dict[str, set[str]]:
    """Return the names whose nulls were seen to be printed, by ``dataset/id`` or ``dataset/*``."""
    listed = tomllib.loads((Path(__file__).parent / "label_gaps.toml").read_text(encoding="utf-8"))
    return {gap["document"]: set(gap["names"]) for gap in listed["gap"]}


def without_gaps(labels: Labels, row: dict[str, Any], unlabelled: set[str]) -> Labels:
    """Return labels without the nulls that do not say that a page lacks the value.

    Those taken from XML say that the XML has none (the Factur-X profile MINIMUM holds totals
    alone), those inherited from another dataset that it did not label them, and those of
    ``unlabelled`` names, which are never labelled or known gaps, say nothing.
    """
    source = row["meta"]["label_source"].lower()
    if "xml" in source or "inherited" in source:
        return replace(labels, values=_without_nulls(labels.values))
    known = {
        name: value
        for name, value in labels.values.items()
        if value is not None or name not in unlabelled
    }
    return replace(labels, values=known)


def _without_nulls(tree: Any) -> Any:
    if isinstance(tree, list):
        return [_without_nulls(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    return {name: _without_nulls(item) for name, item in tree.items() if item is not None}


def score_dataset(
    dataset: Path, limit: int | None = None, words: Path | None = None
) -> Iterator[Scored]:
    """Yield every document of a schema in ``SCHEMAS``, scored.

    Args:
        dataset: folder with ``truth.jsonl``.
        limit: about how many documents, evenly thinned; None for all.
        words: folder that keeps the words of pages between calls; None reads them anew, in
            workers as a run does.
    """
    lines = (dataset / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    rows = {row["file"]: row for row in map(json.loads, lines)}
    never, gaps = unlabelled_names(rows.values()), known_gaps()
    unlabelled = {
        file: never
        | gaps.get(f"{dataset.name}/{row['id']}", set())
        | gaps.get(f"{dataset.name}/*", set())
        for file, row in rows.items()
    }
    labels = [
        without_gaps(item, rows[item.file], unlabelled[item.file])
        for item in read_truth(dataset / "truth.jsonl")
        if item.schema_name in SCHEMAS
    ]
    labels = labels[:: max(1, len(labels) // limit) if limit else 1][:limit]
    for name, spec in SCHEMAS.items():
        own = [item for item in labels if item.schema_name == name]
        if own:
            given = from_words(dataset, own, spec, words) if words else from_run(dataset, own, spec)
            found = evaluate(own, given, load_schema(spec), NameMapping.load())
            for item, document in zip(own, found.documents, strict=True):
                yield Scored(dataset.name, half_of(rows[item.file]), document)


def from_run(dataset: Path, labels: Iterable[Labels], spec: str) -> Iterable[Given]:
    """Return the records of labelled documents, read by a run."""
    inputs = tuple(str(dataset / item.file) for item in labels)
    with tempfile.TemporaryDirectory() as out:
        options = RunOptions(inputs, spec, Path(out), "text", read=READ)
        run_batch(options, QuietReporter(sys.stderr))
        return read_source(Path(out), spec).records


def from_words(dataset: Path, labels: Iterable[Labels], spec: str, words: Path) -> Iterator[Given]:
    """Yield the records of labelled documents, made in this process from kept words."""
    job = DocumentJob(load_schema(spec), load_engine(EngineChoice("text")), "", dt.date.today())
    for item in labels:
        kept = words / dataset.name / f"{Path(item.file).stem}.pkl"
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(pickle.dumps(opened(dataset / item.file)))
        parts = pickle.loads(kept.read_bytes())
        if isinstance(parts, list):
            assembly = Assembly(job)
            for part in parts:
                assembly.add(part)
            yield Given.from_record(assembly.record().to_json())


def opened(path: Path) -> object:
    """Return the parts of a document, or why it cannot be read."""
    (found,) = Discovery([str(path)])
    try:
        return list(open_document(found.document, READ))
    except DocumentError as error:
        return str(error)


def mistakes(scored: Iterable[Scored]) -> Iterator[str]:
    """Yield a line for each mistake of the tuned half; the other is not to be looked at."""
    for item in scored:
        for value in item.document.values if item.half == "tuned" else ():
            if value.verdict not in (Verdict.RIGHT, Verdict.ABSENT):
                claim = f" ({value.claim.status} {value.claim.confidence})" if value.claim else ""
                what = f"{value.value!r}{claim} is not {value.truth!r}"
                name = Path(item.document.path).name
                yield f"{value.verdict:10} {item.dataset} {name} {value.path}: {what}"


def write_tables(path: Path, text: str) -> None:
    """Write the tables; what a file says before its marker stays."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    kept, marker, _ = before.partition(MARKER)
    path.write_text(f"{kept}{marker}\n\n{text}" if marker else text, encoding="utf-8")


def main() -> None:
    """Score every dataset of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="datasets, parted by commas")
    parser.add_argument("--per-dataset", type=int, help="documents of each")
    parser.add_argument("--markdown", type=Path, help="write the tables here, not to stdout")
    parser.add_argument("--errors", type=Path, help="write each mistake of the tuned half here")
    parser.add_argument("--calibrate", type=Path, help="fit the confidence to the tuned half")
    parser.add_argument("--words", type=Path, help="keep the words of pages in this folder")
    options = parser.parse_args()
    wanted = set(options.only.split(",")) - {""}
    folders = sorted(path.parent for path in options.folder.glob("*/truth.jsonl"))
    scored = [
        item
        for folder in folders
        if not wanted or folder.name in wanted
        for item in score_dataset(folder, options.per_dataset, options.words)
    ]
    text = to_markdown(all_tables(scored))
    if options.markdown:
        write_tables(options.markdown, text)
    else:
        print(text)
    if options.calibrate:
        samples = samples_of(item.document for item in scored if item.half == "tuned")
        weights = fit_weights(samples, Weights({}), PRIOR_STRENGTH)
        options.calibrate.write_text(json.dumps(weights.to_json(), indent=2) + "\n", "utf-8")
    if options.errors:
        lines = (f"{line}\n" for line in mistakes(scored))
        options.errors.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
