"""Tells the kinds of labelled real documents, each by weights that never saw its source.

Knows nothing of how kinds are told. Run:
``python benchmarks/kinds.py FOLDER_OF_DATASETS --words KEPT [--markdown docs/kinds.md]``;
``--fit FILE`` only fits the weights to all sources. Sources are those of ``accuracy.py``; invented
papers (``papers.py``) are fitted to as well, and ``kinds_of_papers.py`` scores them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from accuracy import write_tables
from accuracy_cases import source_of
from kinds_fit import Sample, fitted
from kinds_of_papers import samples_of_papers
from packets import kept_pages

from docextract.pipeline.kinds.kind_evidence import evidence_of
from docextract.pipeline.kinds.kind_model import KindModel, shipped_kind_model
from docextract.pipeline.kinds.kind_table import ACCEPTED

NO_SCHEMA = "none of them"
_EXACT = ("receipt", "bank_statement", "delivery_note", "payslip")
_AD_BUYS = {"INVOICE": "invoice", "CONTRACT": "contract", "ORDER": "purchase_order"}
_NAMED = {"receipt_bundle": "receipt", "utility_bill": "invoice", "nda": "contract"}
_BINS = ((0.0, 0.5), (0.5, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 0.99), (0.99, 1.01))


class Told(NamedTuple):
    """A document and what was told of it.

    Attributes:
        dataset: the folder it lies in.
        file: its name there.
        wanted: names of the schemas that are right.
        found: the likeliest one.
        probability: of that.
    """

    dataset: str
    file: str
    wanted: frozenset[str]
    found: str
    probability: float

    @property
    def is_right(self) -> bool:
        """Whether it is read as it should be."""
        return self.found in self.wanted


def kinds_of(row: dict[str, Any]) -> frozenset[str]:
    """Return the kinds that a labelled document may be told to be."""
    name = row["schema"]
    if name == "ad_buy":
        return frozenset({_AD_BUYS[row["meta"]["document_kind"]]})
    if name == "form" or name.startswith("us_"):
        return frozenset({"form"})
    name = _NAMED.get(name, name)
    return frozenset({name}) if name in _EXACT else ACCEPTED.get(name, frozenset({name}))


def read_samples(folder: Path, words: Path) -> Iterator[tuple[Sample, str, str]]:
    """Yield every document that can be opened: its evidence, dataset and file."""
    for dataset in sorted(path.parent for path in folder.glob("*/truth.jsonl")):
        for line in (dataset / "truth.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            pages = kept_pages(dataset, row["file"], words)
            if pages:
                source = source_of(dataset.name, row)
                sample = Sample(evidence_of(pages), kinds_of(row), source)
                yield sample, dataset.name, row["file"]


def schema_of(kind: str) -> str:
    """Return the built-in schema that ``--schema auto`` reads a kind with."""
    own = (name for name in ACCEPTED if kind in ACCEPTED[name] and (name, kind) not in _NOT_OWN)
    return next(own, NO_SCHEMA)


_NOT_OWN = {("bank_statement", "account_statement")}


def told(model: KindModel, sample: Sample, dataset: str, file: str) -> Told:
    """Return what a model says of a document."""
    shares: dict[str, float] = {}
    for kind, share in model.probabilities(sample.evidence).items():
        shares[schema_of(kind)] = shares.get(schema_of(kind), 0.0) + share
    found = max(shares, key=shares.__getitem__)
    wanted = frozenset(map(schema_of, sample.kinds))
    return Told(dataset, file, wanted, found, shares[found])


def told_apart(read: Sequence[tuple[Sample, str, str]]) -> list[Told]:
    """Return what is told of each document by weights fitted to papers and all other sources."""
    found: list[Told] = []
    papers = [paper.sample for paper in samples_of_papers()]
    start = fitted([*papers, *(sample for sample, _, _ in read)])
    for source in dict.fromkeys(sample.source for sample, _, _ in read):
        others = (it for it, _, _ in read if it.source != source)
        model = fitted([*papers, *others], start)
        found += [told(model, *row) for row in read if row[0].source == source]
    return found


def tables(rows: Sequence[Told], decides_at: float) -> str:
    """Return accuracy by dataset, and calibration, as Markdown."""
    lines = ["| dataset | documents | decided | right of those | wrong |", "|---|---|---|---|---|"]
    groups = {name: [row for row in rows if row.dataset == name] for name in _names(rows)}
    for name, own in {"all": list(rows), **groups}.items():
        sure = [row for row in own if row.probability >= decides_at]
        num_right = sum(row.is_right for row in sure)
        share_right = f"{100 * num_right / len(sure):.1f} %" if sure else "–"
        share = f"{100 * len(sure) / len(own):.0f} %"
        lines.append(f"| {name} | {len(own)} | {share} | {share_right} | {len(sure) - num_right} |")
    lines += ["", "| told with | documents | mean | right |", "|---|---|---|---|"]
    for low, high in _BINS:
        own = [row for row in rows if low <= row.probability < high]
        mean = 100 * sum(row.probability for row in own) / max(1, len(own))
        right = 100 * sum(row.is_right for row in own) / max(1, len(own))
        told_with = f"{100 * low:.0f} to {min(100, 100 * high):.0f} %"
        lines.append(f"| {told_with} | {len(own)} | {mean:.1f} % | {right:.1f} % |")
    return "\n".join(lines) + "\n"


def _names(rows: Sequence[Told]) -> list[str]:
    return sorted({row.dataset for row in rows})


def main() -> None:
    """Fit, or score every dataset of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--words", type=Path, required=True, help="keeps the words of pages")
    parser.add_argument("--markdown", type=Path, help="write the tables here, not to stdout")
    parser.add_argument("--fit", type=Path, help="only fit the weights, and write them here")
    parser.add_argument("--errors", action="store_true", help="name what is wrong or in doubt")
    options = parser.parse_args()
    read = list(read_samples(options.folder, options.words))
    if options.fit:
        papers = [paper.sample for paper in samples_of_papers()]
        model = fitted([*papers, *(sample for sample, _, _ in read)])
        options.fit.write_text(json.dumps(model.to_json(), indent=2) + "\n", encoding="utf-8")
        return
    rows = told_apart(read)
    decides_at = shipped_kind_model().decides_at
    text = tables(rows, decides_at)
    if options.markdown:
        write_tables(options.markdown, text, "<!-- written by benchmarks/kinds.py -->")
    else:
        print(text)
    for row in sorted(rows, key=lambda row: row.probability) if options.errors else ():
        if not row.is_right or row.probability < decides_at:
            print(f"{row.dataset} {row.file}: {row.found} {row.probability:.3f}, {set(row.wanted)}")


if __name__ == "__main__":
    main()
