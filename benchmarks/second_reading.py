"""Fits the weights of the second reading to invented papers, and tells how well it reads new ones.

Knows nothing of the first reading. Run ``python benchmarks/second_reading.py`` to see how it reads
the papers of each author when fitted to all others', ``--fit`` to write the weights that are
shipped: a softmax regression (Bishop, Pattern Recognition and Machine Learning, 2006, 4.3.4) drawn
towards 0, without the features that hardly weigh anything.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch
from papers import Paper, read_papers

from docextract.engine.text.labels.index import build_index
from docextract.engine.text.second_reading import fit_weights
from docextract.engine.text.second_reading.fit_weights import BIAS, FitWeights
from docextract.engine.text.second_reading.pieces import DATE, Piece, pieces_of
from docextract.engine.text.second_reading.print_features import PrintFeatures, names_of
from docextract.engine.text.second_reading.second_opinion import FORMS, THINGS, kind_of
from docextract.engine.text.text_document import Index, Reader, fold
from docextract.schema.loading import load_schema

Row = tuple[float, ...]
WEIGHTS = Path(fit_weights.__file__).with_name("second_reading.json")
_FIELDS = {
    "seller": ("vendor_name", "merchant_name"),
    "buyer": ("buyer_name",),
    "number": ("invoice_number", "order_number"),
    "order": ("buyer_order_number",),
    "issued": ("issue_date", "date"),
    "due": ("due_date",),
}
_STRENGTH = 2.6
"""How strongly weights are drawn towards 0: on 1,148 papers 1.7 was best; it grows with them."""
_MIN_PAPERS = 5
_LEAST = 0.1
"""A feature that weighs less than this for every class is left out."""
_STEPS, _SCALE = 120, 0.01


class Sample(NamedTuple):
    """A piece of a paper: its features by name, and what it is."""

    piece: Piece
    names: frozenset[str]
    thing: str


@cache
def _index(schema: str) -> Index:
    return build_index(load_schema(schema))


def samples_of(paper: Paper) -> list[Sample]:
    """Return the pieces of a paper, with what they are."""
    reader = Reader.of([paper.page], _index(paper.schema))
    if not reader.layout.lines:
        return []
    features = PrintFeatures(reader, kind_of(reader.index))
    right = {
        thing: [v for name in own for v in paper.right.get(name, ())]
        for thing, own in _FIELDS.items()
    }
    return [
        Sample(piece, _names(features, piece), _thing(reader, piece, right))
        for piece in pieces_of(reader, ())
    ]


def _names(features: PrintFeatures, piece: Piece) -> frozenset[str]:
    own = features.of(*piece)
    shared = features.around(piece.segment)
    return frozenset(name for feature in (*own, *shared) for name in names_of(feature))


def _thing(reader: Reader, piece: Piece, right: dict[str, list[str]]) -> str:
    if piece.form == DATE:
        date = next(d for d in reader.dates_of(piece.segment) if d.tokens is piece.tokens)
        year, month, day = date.value // 10000, date.value // 100 % 100, date.value % 100
        texts = {f"{year:04}-{month:02}-{day:02}", f"{year:04}-{day:02}-{month:02}"}
    else:
        texts = {fold(piece.text)}
    for thing, form in FORMS.items():
        theirs = right[thing] if form == DATE else map(fold, right[thing])
        if form == piece.form and not texts.isdisjoint(theirs):
            return thing
    return "none"


def fitted(papers: Iterable[Sequence[Sample]]) -> dict[str, Row]:
    """Return the weight of each feature for each class, fitted to the pieces of papers."""
    papers = list(papers)
    counts = Counter(name for paper in papers for name in {n for s in paper for n in s.names})
    known = {name: at for at, name in enumerate(n for n, c in counts.items() if c >= _MIN_PAPERS)}
    samples = [sample for paper in papers for sample in paper]
    matrix = _matrix(samples, known)
    target = torch.tensor([THINGS.index(sample.thing) for sample in samples])
    weights = torch.zeros(len(known), len(THINGS), requires_grad=True)
    bias = torch.zeros(len(THINGS), requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, bias], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        logits = torch.sparse.mm(matrix, weights) + bias
        loss = torch.nn.functional.cross_entropy(logits, target, reduction="sum")
        loss = loss + _STRENGTH * weights.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    centred = (weights - weights.mean(1, keepdim=True)).detach()
    kept = {name: tuple(centred[at].tolist()) for name, at in known.items()}
    kept = {name: row for name, row in kept.items() if max(map(abs, row)) >= _LEAST}
    return kept | {BIAS: tuple(bias.tolist())}


def _matrix(samples: Sequence[Sample], known: dict[str, int]) -> torch.Tensor:
    places = [(row, known[n]) for row, s in enumerate(samples) for n in s.names if n in known]
    at = torch.tensor(places).T
    size = (len(samples), len(known))
    return torch.sparse_coo_tensor(
        at, torch.ones(at.shape[1]), size, check_invariants=False
    ).coalesce()


def read_apart(papers: Sequence[Paper]) -> Iterator[tuple[str, Counter[str], Counter[str]]]:
    """Yield for each author how many things were found and how many there are, by thing.

    What is fitted has seen papers of all other authors alone.
    """
    samples = [(paper, samples_of(paper)) for paper in papers]
    for author in dict.fromkeys(paper.author for paper in papers):
        weights = fitted(own for paper, own in samples if paper.author != author)
        found, there = Counter[str](), Counter[str]()
        for paper, own in samples:
            if paper.author == author:
                _count(weights, own, found, there)
        yield author, found, there


def _count(
    weights: dict[str, Row], samples: list[Sample], found: Counter[str], there: Counter[str]
) -> None:
    model = FitWeights(THINGS, weights)
    rows = [model.rows_of((name, "") for name in sample.names) for sample in samples]
    likely = [dict(zip(THINGS, row, strict=True)) for row in model.log_probabilities(rows).tolist()]
    for thing, form in FORMS.items():
        own = [(p[thing], s) for p, s in zip(likely, samples, strict=True) if s.piece.form == form]
        if any(sample.thing == thing for _, sample in own):
            there[thing] += 1
            found[thing] += max(own, key=lambda pair: pair[0])[1].thing == thing


def main() -> None:
    """Tell how well new authors' papers are read, or write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="write the weights that are shipped")
    options = parser.parse_args()
    torch.manual_seed(0)
    papers = read_papers()
    if options.fit:
        write(fitted(map(samples_of, papers)))
        return
    total: list[Counter[str]] = [Counter(), Counter()]
    for author, found, there in read_apart(papers):
        total = [total[0] + found, total[1] + there]
        print(author, *(f"{thing} {found[thing]}/{there[thing]}" for thing in FORMS), flush=True)
    print("all", *(f"{thing} {total[0][thing]}/{total[1][thing]}" for thing in FORMS))


def write(weights: dict[str, Row], path: Path = WEIGHTS) -> None:
    """Write weights as the package reads them, in hundredths."""
    rows = (
        f" {json.dumps(name, ensure_ascii=False)}: {json.dumps([round(w / _SCALE) for w in row])}"
        for name, row in sorted(weights.items())
    )
    head = f'{{"scale": {_SCALE}, "classes": {json.dumps(THINGS)}, "weights": {{\n'
    path.write_text(head + ",\n".join(rows) + "\n}}\n", encoding="utf-8")
    print(f"{len(weights)} features in {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
