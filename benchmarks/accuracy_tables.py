"""The tables of the accuracy benchmark, and the bars its figures must reach.

Knows nothing of how documents are read or judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from docextract.core import FieldStatus
from docextract.evaluation import Table
from docextract.evaluation.judging.verdicts import DocumentScore, Judgement, RowJudgement
from docextract.evaluation.reporting.figures import Reliability, Share, Verdicts, f1
from docextract.evaluation.reporting.score_tables import percent

Half = Literal["tuned", "aside"]
HALVES: tuple[Half, ...] = ("tuned", "aside")
ROWS = "lines"

POOLS = {
    "born-digital invoices": ("zugferd",),
    "scanned invoices": ("zugferd_scan", "invoices_fr_synth", "vendor_samples"),
    "scanned receipts": ("sroie",),
    "photographed receipts": ("receipts_cc0", "receipts_softmatic", "wildreceipt"),
    "ad buys": ("adbuy_fcc",),
}
BARS: dict[str, dict[str, int]] = {
    "born-digital invoices": {
        "invoice_number": 90, "issue_date": 95, "due_date": 85, "currency": 97,
        "totals.gross": 95, "totals.net": 90, "totals.tax": 88, "seller.name": 80,
        "buyer.name": 80, "payment.iban": 92, ROWS: 65,
    },
    "scanned invoices": {
        "invoice_number": 75, "issue_date": 80, "totals.gross": 80, "seller.name": 60,
    },
    "scanned receipts": {"total": 88, "date": 94, "merchant.name": 78, "merchant.address": 68},
    "photographed receipts": {"total": 75, "date": 80, "merchant.name": 55},
    "ad buys": {"contract_number": 60, "gross_amount": 70, "flight_from": 60, "flight_to": 60},
}  # fmt: skip
"""Least recall in percent by documents and field; of the rows, least F1."""
MIN_PRECISION, MAX_ERROR, MAX_FABRICATION = 98, 5, 3
"""Of verified values; of the confidence; of header fields that are not on the page; percent."""


class Scored(NamedTuple):
    """One document, its dataset and its half."""

    dataset: str
    half: Half
    document: DocumentScore


@dataclass(frozen=True)
class Part:
    """What was judged in some documents: header fields, members of rows, line rows."""

    header: list[Judgement]
    members: list[Judgement]
    rows: list[RowJudgement]

    @classmethod
    def of(cls, scored: Iterable[Scored], half: Half) -> Part:
        """Return what was judged in one half of some documents."""
        documents = [item.document for item in scored if item.half == half]
        values = [value for document in documents for value in document.values]
        return cls(
            [value for value in values if "[" not in value.path],
            [value for value in values if "[" in value.path],
            [row for document in documents for row in document.rows if row.list_path == ROWS],
        )

    def verdicts(self, path: str) -> Verdicts:
        """Return the counts of one header field."""
        return Verdicts.of(value for value in self.header if value.field_path == path)

    def row_f1(self, is_right: Callable[[RowJudgement], bool]) -> float | None:
        """Return the F1 of rows that are right by some measure."""
        num_right = sum(row.has_truth and row.has_given and is_right(row) for row in self.rows)
        num_truth = sum(row.has_truth for row in self.rows)
        return f1(num_right, num_truth, sum(row.has_given for row in self.rows))


def has_key_members(row: RowJudgement) -> bool:
    """Whether a row's description and amount are right, as far as they are known."""
    keys = row.known & {"description", "net"}
    return bool(keys) and keys <= row.right


def all_tables(scored: Sequence[Scored]) -> list[Table]:
    """Return the bars, then what they rest on."""
    return [bar_table(scored), field_table(scored), row_table(scored), status_table(scored)]


def bar_table(scored: Sequence[Scored]) -> Table:
    """Return every bar with what was reached, tuned and aside."""
    rows = []
    for pool, bars in BARS.items():
        own = [item for item in scored if item.dataset in POOLS[pool]]
        parts = [Part.of(own, half) for half in HALVES]
        for path, bar in bars.items():
            figures = [_recall_or_f1(part, path) for part in parts]
            rows.append((pool, path, *_outcome(figures, bar)))
    parts = [Part.of(scored, half) for half in HALVES]
    for kind, values in (
        ("header fields", [part.header for part in parts]),
        ("row members", [part.members for part in parts]),
    ):
        verified = [_of_status(items, FieldStatus.VERIFIED) for items in values]
        precisions = [Verdicts.of(items).precision.value for items in verified]
        errors = [Reliability.of(items).error for items in values]
        rows.append((f"all {kind}", "precision of verified", *_outcome(precisions, MIN_PRECISION)))
        rows.append(
            (f"all {kind}", "calibration error", *_outcome(errors, MAX_ERROR, is_most=True))
        )
    absent = [Verdicts.of(part.header).fabrication.value for part in parts]
    rows.append(
        ("all header fields", "fabricated", *_outcome(absent, MAX_FABRICATION, is_most=True))
    )
    names = ("documents", "figure", "bar %", "tuned %", "aside %", "")
    return Table("Bars", names, tuple(rows), (0, 1, 5))


def _recall_or_f1(part: Part, path: str) -> float | None:
    return part.row_f1(has_key_members) if path == ROWS else part.verdicts(path).recall.value


def _outcome(figures: Sequence[float | None], bar: int, *, is_most: bool = False) -> list[str]:
    known = [100 * figure for figure in figures if figure is not None]
    is_met = all(figure <= bar if is_most else figure >= bar for figure in known)
    verdict = "-" if not known else "met" if is_met else "not met"
    return [f"{'<=' if is_most else '>='} {bar}", *map(percent, figures), verdict]


def field_table(scored: Sequence[Scored]) -> Table:
    """Return recall and fabrication, dataset by header field."""
    rows = []
    for dataset in dict.fromkeys(item.dataset for item in scored):
        own = [item for item in scored if item.dataset == dataset]
        parts = [Part.of(own, half) for half in HALVES]
        for path in dict.fromkeys(value.path for part in parts for value in part.header):
            counts = [part.verdicts(path) for part in parts]
            recalls = [_share(item.recall) for item in counts]
            fabricated = [f"{item.fabricated} of {item.fabrication.num}" for item in counts]
            rows.append((dataset, path, *recalls, *fabricated))
    recall = [f"recall {half} % (of)" for half in HALVES]
    names = ("dataset", "field", *recall, *(f"fabricated {half}" for half in HALVES))
    return Table("Header fields", names, tuple(rows), (0, 1))


def row_table(scored: Sequence[Scored]) -> Table:
    """Return the F1 of line rows, dataset by half."""
    rows = []
    for dataset in dict.fromkeys(item.dataset for item in scored):
        for half in HALVES:
            part = Part.of((item for item in scored if item.dataset == dataset), half)
            if part.rows:
                num_truth = str(sum(row.has_truth for row in part.rows))
                num_given = str(sum(row.has_given for row in part.rows))
                key_f1 = percent(part.row_f1(has_key_members))
                most_f1 = percent(part.row_f1(lambda row: row.is_found))
                whole_f1 = percent(part.row_f1(lambda row: row.is_whole))
                rows.append((dataset, half, num_truth, num_given, key_f1, most_f1, whole_f1))
    figures = ("F1 % of description and amount", "of more than half", "of all members")
    names = ("dataset", "half", "rows in truth", "given", *figures)
    return Table("Line rows", names, tuple(rows), (0, 1))


def status_table(scored: Sequence[Scored]) -> Table:
    """Return precision and calibration error by half and status."""
    rows = []
    for half in HALVES:
        part = Part.of(scored, half)
        for status in (None, *FieldStatus):
            header, members = (_of_status(v, status) for v in (part.header, part.members))
            if header or members:
                shares = [_share(Verdicts.of(items).precision) for items in (header, members)]
                errors = [percent(Reliability.of(items).error) for items in (header, members)]
                rows.append((half, status.value if status else "all", *shares, *errors))
    kinds = ("of header fields", "of row members")
    precisions = [f"precision % {kind} (of)" for kind in kinds]
    names = ("half", "status", *precisions, *(f"calibration error % {kind}" for kind in kinds))
    return Table("Values by status", names, tuple(rows), (0, 1))


def _of_status(values: Iterable[Judgement], status: FieldStatus | None) -> list[Judgement]:
    given = [value for value in values if value.claim is not None]
    return [v for v in given if status is None or (v.claim and v.claim.status is status)]


def _share(share: Share) -> str:
    return f"{percent(share.value)} ({share.num})"
