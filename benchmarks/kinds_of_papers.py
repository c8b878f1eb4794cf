"""Counts invented papers held back as another kind, by weights that never saw their authors.

Knows nothing of how kinds are told. Run ``python benchmarks/kinds_of_papers.py``: of papers for a
schema, how many are held back for nothing; of those that are no invoice, how many would be if they
were asked for as one. The bar is the least probability, of all kinds that the schema does not take.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kinds_fit import DECIDES_AT, Sample, fitted
from papers import NO_SCHEMA, Paper, read_all_papers

from docextract.pipeline.kinds.kind_check import other_share
from docextract.pipeline.kinds.kind_evidence import evidence_of
from docextract.pipeline.kinds.kind_table import ACCEPTED, KINDS

_FOLDS = 5
_BARS = (0.5, 0.7, DECIDES_AT, 0.9, 0.95)
_SEVERAL = ("invoice", "purchase_order")
"""Schemas whose papers may be of each kind that they take."""

_KINDS = {
    "statement": frozenset({"account_statement", "bank_statement"}),
    "quotation": frozenset({"quote"}),
    "remittance": frozenset({"remittance_advice"}),
    "other": frozenset(KINDS) - ACCEPTED["receipt"],
}
"""What authors call papers that are of no schema, where that is no kind of ours."""


class PaperSample(NamedTuple):
    """A paper as a labelled document."""

    paper: Paper
    sample: Sample


def samples_of_papers() -> list[PaperSample]:
    """Return all papers; an author is a source, and so is each kind of those of no schema."""
    return [PaperSample(paper, _sample(paper)) for paper in read_all_papers()]


def _sample(paper: Paper) -> Sample:
    name = paper.kind or paper.schema
    kinds = _KINDS.get(name, ACCEPTED[name] if name in _SEVERAL else frozenset({name}))
    return Sample(evidence_of([paper.page]), kinds, f"{paper.author} {paper.kind}")


def shares(samples: Sequence[PaperSample]) -> Iterator[tuple[str, float]]:
    """Yield what each paper is, and the probability of all kinds its schema does not take."""
    start = fitted([it.sample for it in samples])
    # Papers of no schema are of few authors, so each is left out by its own place among them.
    authors = sorted({it.paper.author for it in samples})
    fold_of = [
        (authors.index(it.paper.author) if it.paper.schema != NO_SCHEMA else place) % _FOLDS
        for place, it in enumerate(samples)
    ]
    for fold in range(_FOLDS):
        rest = [it.sample for it, own in zip(samples, fold_of, strict=True) if own != fold]
        model = fitted(rest, start)
        for it, own in zip(samples, fold_of, strict=True):
            if own == fold:
                schema = "invoice" if it.paper.schema == NO_SCHEMA else it.paper.schema
                by_kind = model.probabilities(it.sample.evidence)
                yield it.paper.kind or it.paper.schema, other_share(by_kind, ACCEPTED[schema])


def main() -> None:
    """Print, for each kind of paper, how many are held back from each bar on."""
    rows = list(shares(samples_of_papers()))
    print("| papers | number |", *(f"{100 * bar:.0f} % |" for bar in _BARS))
    print("|---|---|" + "---|" * len(_BARS))
    for name in dict.fromkeys(name for name, _ in rows):
        own = [share for kind, share in rows if kind == name]
        held = (f"{sum(share >= bar for share in own)} |" for bar in _BARS)
        print(f"| {name.replace('_', ' ')} | {len(own)} |", *held)


if __name__ == "__main__":
    main()
