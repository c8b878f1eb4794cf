"""The tables of the accuracy benchmark, and the bars its figures must reach.

Knows nothing of how documents are read or judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from docextract.core import FieldStatus, RecordStatus
from docextract.evaluation import Table
from docextract.evaluation.judging.verdicts import DocumentScore, Judgement, RowJudgement, Verdict
from docextract.evaluation.reporting.figures import Reliability, Share, Verdicts, f1
from docextract.evaluation.reporting.score_tables import percent, straight_through_table
from docextract.evaluation.reporting.straight_through import StraightThrough

ROWS = "lines"
_NEW = "fresh_"
"""Datasets whose name starts so were gathered after the engine's rules were written."""
_WRONG = (Verdict.WRONG, Verdict.FABRICATED)

BARS = {
    "`verified` header values right": (">=", 98.5, 97.0),
    "`ok` documents without a wrong header value": (">=", 97.0, 95.0),
    "documents that are `ok`": (">=", 45.0, 35.0),
    "calibration error of header values": ("<=", 2.5, None),
    "the same, worst dataset": ("<=", 6.0, None),
}
"""What must be reached on all documents, and on those of new sources; percent."""


class Scored(NamedTuple):
    """One document, where it lies and who published it."""

    dataset: str
    source: str
    document: DocumentScore

    @property
    def is_new(self) -> bool:
        """Whether nobody had seen its source while the engine's rules were written."""
        return self.dataset.startswith(_NEW)

    @property
    def header(self) -> list[Judgement]:
        """Its values outside lists."""
        return [value for value in self.document.values if "[" not in value.path]

    @property
    def is_ok(self) -> bool:
        """Whether nobody is asked to look at it."""
        given = self.document.given
        return given is not None and given.status is RecordStatus.OK

    @property
    def is_clean(self) -> bool:
        """Whether no header value that it shows is wrong."""
        return self.document.is_clean


@dataclass(frozen=True)
class Part:
    """Some of the documents."""

    documents: Sequence[Scored]

    @property
    def header(self) -> list[Judgement]:
        """All header values."""
        return [value for item in self.documents for value in item.header]

    @property
    def members(self) -> list[Judgement]:
        """All members of rows."""
        values = (value for item in self.documents for value in item.document.values)
        return [value for value in values if "[" in value.path]

    @property
    def verified(self) -> Share:
        """Header values that are right, of those called verified."""
        return Verdicts.of(_of_status(self.header, FieldStatus.VERIFIED)).precision

    @property
    def ok(self) -> Share:
        """Documents without a wrong header value, of those called ok."""
        called = [item for item in self.documents if item.is_ok]
        return Share(sum(item.is_clean for item in called), len(called))

    @property
    def through(self) -> Share:
        """Documents called ok."""
        return Share(sum(item.is_ok for item in self.documents), len(self.documents))

    @property
    def error(self) -> float | None:
        """Calibration error of header values."""
        return Reliability.of(self.header).error

    def row_f1(self, is_right: Callable[[RowJudgement], bool]) -> float | None:
        """Return the F1 of line rows that are right by some measure."""
        rows = [r for item in self.documents for r in item.document.rows if r.list_path == ROWS]
        num_right = sum(row.has_truth and row.has_given and is_right(row) for row in rows)
        return f1(num_right, sum(r.has_truth for r in rows), sum(r.has_given for r in rows))


def parts(scored: Iterable[Scored]) -> dict[str, Part]:
    """Return the documents dataset by dataset."""
    found: dict[str, list[Scored]] = {}
    for item in scored:
        found.setdefault(item.dataset, []).append(item)
    return {name: Part(found[name]) for name in sorted(found)}


def all_tables(scored: Sequence[Scored]) -> list[Table]:
    """Return the bars, then what they rest on."""
    curve = straight_through_table(StraightThrough.of(item.document for item in scored))
    tables = [bar_table(scored), dataset_table(scored), curve]
    tables += [error_table(scored), field_table(scored)]
    return [*tables, row_table(scored), status_table(scored)]


def bar_table(scored: Sequence[Scored]) -> Table:
    """Return every bar with what was reached, on all sources and on new ones."""
    everything, new = Part(scored), Part([item for item in scored if item.is_new])
    worst = max((part.error or 0.0 for part in parts(scored).values()), default=0.0)
    figures = {
        "`verified` header values right": [_of(everything.verified), _of(new.verified)],
        "`ok` documents without a wrong header value": [_of(everything.ok), _of(new.ok)],
        "documents that are `ok`": [_of(everything.through), _of(new.through)],
        "calibration error of header values": [percent(everything.error), percent(new.error)],
        "the same, worst dataset": [percent(worst), "-"],
    }
    rows = []
    for name, (sign, *bars) in BARS.items():
        shown = [f"{sign} {bar:g}" if bar is not None else "-" for bar in bars]
        rows.append((name, shown[0], figures[name][0], shown[1], figures[name][1]))
    names = ("figure", "bar %", "all sources % (of)", "bar %", "new sources % (of)")
    return Table("Bars, each source judged by weights fitted without it", names, tuple(rows))


def dataset_table(scored: Sequence[Scored]) -> Table:
    """Return dataset by dataset what is promised and what is kept."""
    rows = []
    for name, part in parts(scored).items():
        sources = len({item.source for item in part.documents})
        counts = (str(len(part.documents)), str(sources))
        shares = (part.verified, part.ok, part.through)
        rows.append((name, *counts, *map(_of, shares), percent(part.error)))
    names = (
        "dataset", "documents", "sources", "verified right % (of)", "ok right % (of)",
        "straight through % (of)", "calibration error %",
    )  # fmt: skip
    return Table("By dataset", names, tuple(rows))


def error_table(scored: Sequence[Scored]) -> Table:
    """Return the wrong header values by field: in all, called verified, in documents called ok."""
    wrong = [(item, v) for item in scored for v in item.header if v.verdict in _WRONG]
    rows = []
    for path in dict.fromkeys(value.path for _, value in wrong):
        own = [(item, value) for item, value in wrong if value.path == path]
        verified = _of_status((value for _, value in own), FieldStatus.VERIFIED)
        counts = (len(own), len(verified), sum(item.is_ok for item, _ in own))
        rows.append((path, *counts, sum(item.is_new for item, _ in own)))
    rows.sort(key=lambda row: -row[1])
    names = ("field", "wrong", "of them verified", "in ok documents", "from new sources")
    text = tuple(tuple(map(str, row)) for row in rows)
    return Table("Wrong header values by field", names, text)


def field_table(scored: Sequence[Scored]) -> Table:
    """Return recall and fabrication, dataset by header field."""
    rows = []
    for name, part in parts(scored).items():
        header = part.header
        for path in dict.fromkeys(value.path for value in header):
            counts = Verdicts.of(value for value in header if value.path == path)
            fabricated = f"{counts.fabricated} of {counts.fabrication.num}"
            rows.append((name, path, _of(counts.recall), _of(counts.precision), fabricated))
    names = ("dataset", "field", "recall % (of)", "precision % (of)", "fabricated")
    return Table("Header fields", names, tuple(rows), (0, 1))


def has_key_members(row: RowJudgement) -> bool:
    """Whether a row's description and amount are right, as far as they are known."""
    keys = row.known & {"description", "net"}
    return bool(keys) and keys <= row.right


def row_table(scored: Sequence[Scored]) -> Table:
    """Return the F1 of line rows by dataset."""
    measures: list[Callable[[RowJudgement], bool]] = [
        has_key_members, lambda row: row.is_found, lambda row: row.is_whole
    ]  # fmt: skip
    rows = []
    for name, part in parts(scored).items():
        figures = [part.row_f1(measure) for measure in measures]
        if figures[0] is not None:
            rows.append((name, *map(percent, figures)))
    names = ("dataset", "F1 % of description and amount", "of more than half", "of all members")
    return Table("Line rows", names, tuple(rows))


def status_table(scored: Sequence[Scored]) -> Table:
    """Return precision and calibration error by status."""
    return Table(
        "Values by status",
        (
            "status", "header values right % (of)", "row members right % (of)",
            "calibration error % of header values", "of row members",
        ),
        tuple(_status_rows(Part(scored))),
    )  # fmt: skip


def _status_rows(part: Part) -> Iterator[tuple[str, ...]]:
    for status in (None, *FieldStatus):
        both = [_of_status(values, status) for values in (part.header, part.members)]
        if any(both):
            shares = [_of(Verdicts.of(items).precision) for items in both]
            errors = [percent(Reliability.of(items).error) for items in both]
            yield (status.value if status else "all", *shares, *errors)


def _of_status(values: Iterable[Judgement], status: FieldStatus | None) -> list[Judgement]:
    given = [value for value in values if value.claim is not None]
    return [v for v in given if status is None or (v.claim and v.claim.status is status)]


def _of(share: Share) -> str:
    return f"{percent(share.value)} ({share.num})"
