"""Keeps what became of documents the first time they were read, to fit the confidence to.

Knows nothing of how values are read. Whoever mends rules while looking at documents makes the
confidence of those documents a flatterer's; what was written down before is not changed by it.
``first_sight.jsonl`` holds a line for each document: who wrote it, and for each header value what
spoke for and against it and whether it was right. The documents themselves, 2,352 invoices,
receipts and orders made up by 49 language models that were kept from this project, are too large to
keep here. What older engines read of earlier ones (564 papers) is kept no more. What a second
reading says of the first 720 was added later, by weights fitted to the papers of other authors.

Run ``python benchmarks/first_sight.py FOLDER_OF_DATASETS --words KEPT`` to add new ones, once,
before anything is mended on them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from docextract.core import FieldStatus, RecordStatus
from docextract.evaluation.judging.given import Claim, Given
from docextract.evaluation.judging.verdicts import DocumentScore, Judgement, Verdict

KEPT = Path(__file__).with_suffix(".jsonl")


def first_sight(path: Path = KEPT) -> list[DocumentScore]:
    """Return what became of documents at first sight; nothing where no such file is."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [_document(json.loads(line)) for line in lines]


def _document(row: dict[str, Any]) -> DocumentScore:
    claims = {
        name: Claim(FieldStatus(status), confidence, signals)
        for name, (status, confidence, signals, _) in row["values"].items()
    }
    given = Given(row["document"], "", "", "", RecordStatus.REVIEW, {}, claims)
    judged = (
        Judgement(name, Verdict(verdict), None, None, claims[name])
        for name, (_, _, _, verdict) in row["values"].items()
        if verdict
    )
    return DocumentScore(row["document"], given, tuple(judged))


def lines_of(scored: Iterable[tuple[str, DocumentScore]]) -> Iterator[str]:
    """Yield a line for each document and the name of its set."""
    for name, document in scored:
        if document.given is None:
            continue
        verdicts = {item.path: item.verdict.value for item in document.values}
        values = {
            path: [claim.status.value, claim.confidence, dict(claim.signals), verdicts.get(path)]
            for path, claim in sorted(document.given.claims.items())
            if "[" not in path and claim.status is not FieldStatus.ABSENT
        }
        row = {"document": f"{name}/{Path(document.path).stem}", "values": values}
        yield json.dumps(row, ensure_ascii=False)


def main() -> None:
    """Add the documents of datasets that are not kept yet."""
    from accuracy import score
    from accuracy_cases import read_cases, text_engine

    from docextract.verify.confidence.weights import shipped_calibration

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--words", type=Path, required=True, help="keep the words of pages here")
    options = parser.parse_args()
    known = {document.path for document in first_sight()}
    folders = sorted(path.parent for path in options.folder.glob("*/truth.jsonl"))
    cases = [case for folder in folders for case in read_cases(folder, options.words)]
    scored = score(cases, text_engine(), shipped_calibration())
    lines = list(lines_of((item.dataset, item.document) for item in scored))
    with KEPT.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines if json.loads(line)["document"] not in known)


if __name__ == "__main__":
    main()
