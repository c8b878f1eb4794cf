"""Scores the text engine on labelled real documents, each judged by weights that never saw it.

Knows nothing of how values are read, compared or counted. Run:
``python benchmarks/accuracy.py FOLDER_OF_DATASETS --words KEPT [--markdown docs/accuracy.md]``.
A dataset is a folder with ``truth.jsonl`` and its documents. Whatever is fitted is fitted once
for each source without that source's documents, and these alone are judged by it.
"""

from __future__ import annotations

import argparse
import html
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from accuracy_cases import Case, read_cases, records_of, text_engine
from accuracy_curve import curve_svg
from accuracy_tables import Scored, all_tables
from first_sight import first_sight

from docextract.engine.base import Engine
from docextract.evaluation import NameMapping, evaluate, to_markdown
from docextract.evaluation.fitting import PRIOR_STRENGTH, fit_calibration
from docextract.evaluation.judging.verdicts import DocumentScore, Verdict
from docextract.evaluation.reporting.straight_through import StraightThrough
from docextract.verify.confidence.weights import Calibration, Weights, shipped_calibration

MARKER = "<!-- written by benchmarks/accuracy.py -->"
NOTHING_KNOWN = Calibration(
    Weights({}), Weights({}), Weights({"bias": 2.5}), shipped_calibration().ok_at
)
"""Before any document was seen; most records hold no wrong value."""


def score(cases: Sequence[Case], engine: Engine, calibration: Calibration) -> Iterator[Scored]:
    """Yield every document, scored as it is read under some calibration."""
    for _, group in groupby(cases, key=lambda case: (case.dataset, case.schema.id)):
        own = list(group)
        labels, given = [case.labels for case in own], records_of(own, engine, calibration)
        found = evaluate(labels, given, own[0].schema, NameMapping.load())
        for case, document in zip(own, found.documents, strict=True):
            yield Scored(case.dataset, case.source, document)


def score_apart(cases: Sequence[Case], engine: Engine) -> list[Scored]:
    """Return every document, judged by weights that were fitted to all other sources.

    Signals and values do not depend on weights, so a first reading gives what all are fitted to.
    """
    first = list(score(cases, engine, shipped_calibration()))
    apart: list[Scored] = []
    for source in dict.fromkeys(case.source for case in cases):
        calibration = fitted(item for item in first if item.source != source)
        apart += score([case for case in cases if case.source == source], engine, calibration)
    return apart


def fitted(scored: Iterable[Scored]) -> Calibration:
    """Return a calibration fitted to documents of several sources, and to what was new once.

    Each document of a stranger is a source of its own: no two were made by one sender.
    """
    by_source: dict[str, list[DocumentScore]] = {}
    for item in scored:
        by_source.setdefault(item.source, []).append(item.document)
    strangers = [[document] for document in first_sight()]
    return fit_calibration([*by_source.values(), *strangers], NOTHING_KNOWN, PRIOR_STRENGTH)


def mistakes(scored: Iterable[Scored]) -> Iterator[str]:
    """Yield a line for each mistake."""
    for item in scored:
        for value in item.document.values:
            if value.verdict not in (Verdict.RIGHT, Verdict.ABSENT):
                claim = f" ({value.claim.status} {value.claim.confidence})" if value.claim else ""
                what = f"{value.value!r}{claim} is not {value.truth!r}"
                name = Path(item.document.path).name
                yield f"{value.verdict:10} {item.dataset} {name} {value.path}: {what}"


def write_tables(path: Path, text: str, mark: str = MARKER) -> None:
    """Write the tables; what a file says before its marker stays, and one without is left alone."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    kept, marker, _ = before.partition(mark)
    if before and not marker:
        raise SystemExit(f"{path} has no line {mark}, below which the tables would stand")
    path.write_text(f"{kept}{mark}\n\n{text}", encoding="utf-8")


def main() -> None:
    """Score every dataset of a folder."""
    options = _options()
    wanted = set(options.only.split(",")) - {""}
    folders = sorted(path.parent for path in options.folder.glob("*/truth.jsonl"))
    with tempfile.TemporaryDirectory() as temporary:
        words = options.words or Path(temporary)
        chosen = [folder for folder in folders if not wanted or folder.name in wanted]
        read = (read_cases(folder, words, options.per_dataset) for folder in chosen)
        cases = [case for dataset in read for case in dataset]
    engine = text_engine()
    if options.calibrate:
        calibration = fitted(score(cases, engine, shipped_calibration()))
        options.calibrate.write_text(json.dumps(calibration.to_json(), indent=2) + "\n", "utf-8")
        return
    shipped = options.as_shipped
    scored = (
        list(score(cases, engine, shipped_calibration())) if shipped else score_apart(cases, engine)
    )
    # The words of these tables are our own, code and signs included.
    text = html.unescape(to_markdown(all_tables(scored))).replace("\\`", "`")
    if options.markdown:
        write_tables(options.markdown, text)
    else:
        print(text)
    if options.curve:
        curve = StraightThrough.of(item.document for item in scored)
        svg = curve_svg(curve.steps, shipped_calibration().ok_at)
        options.curve.write_text(svg, encoding="utf-8")
    if options.errors:
        lines = (f"{line}\n" for line in mistakes(scored))
        options.errors.write_text("".join(lines), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="datasets, parted by commas")
    parser.add_argument("--per-dataset", type=int, help="documents of each")
    parser.add_argument("--words", type=Path, help="keep the words of pages in this folder")
    parser.add_argument("--as-shipped", action="store_true", help="judge by the shipped weights")
    parser.add_argument("--markdown", type=Path, help="write the tables here, not to stdout")
    parser.add_argument("--curve", type=Path, help="draw the straight-through curve here, as SVG")
    parser.add_argument("--errors", type=Path, help="write each mistake here")
    parser.add_argument("--calibrate", type=Path, help="only fit the confidence to all sources")
    return parser.parse_args()


if __name__ == "__main__":
    main()
