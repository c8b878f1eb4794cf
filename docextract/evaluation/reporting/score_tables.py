"""Lays an evaluation out as tables, for a terminal and for Markdown.

Knows nothing of terminals.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from docextract.evaluation.judging.verdicts import DocumentScore, Verdict
from docextract.evaluation.reporting.figures import Reliability, RowCounts, Share, Verdicts
from docextract.evaluation.reporting.report import Report
from docextract.evaluation.reporting.straight_through import StraightThrough, chosen

Counts = TypeVar("Counts")

_MARKS = re.compile(r"[\\`*|~$]|\](?=\()|:(?=//)|(?<![^\W_])_|_(?![^\W_])")
"""What makes links, pictures, emphasis, code or cells of text, once there is no HTML in it; not
what fields are called, such as ``lines[0].unit_price``."""
_NUM_WORST = 10
_THRESHOLDS = (0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
_MAX_FIELDS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first column names its rows, ``text_columns`` hold no figures either."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: tuple[int, ...] = (0,)


def tables(report: Report) -> list[Table]:
    """Return the tables of a report that hold anything."""
    found = [_fields(report), _rows(report), _statuses(report), _reliability(report)]
    found += [straight_through_table(report.straight_through), _worst(report)]
    return [table for table in found if table.rows]


def to_markdown(tables: list[Table]) -> str:
    """Return tables as Markdown."""
    return "\n".join(line for table in tables for line in _markdown_lines(table))


def percent(value: float | None) -> str:
    """Return a share in percent, or a dash for none."""
    return "-" if value is None else f"{100 * value:.1f}"


def _markdown_lines(table: Table) -> Iterator[str]:
    yield f"## {table.title}\n"
    yield f"| {' | '.join(table.columns)} |"
    rules = ("---" if i in table.text_columns else "---:" for i in range(len(table.columns)))
    yield f"|{'|'.join(rules)}|"
    for row in table.rows:
        yield f"| {' | '.join(map(_as_printed, row))} |"
    yield ""


def _as_printed(text: str) -> str:
    """Return a text as Markdown that shows it and does nothing: a file may have any name."""
    return _MARKS.sub(r"\\\g<0>", html.escape(" ".join(text.split()), quote=False))


def _with_interval(share: Share) -> str:
    if share.value is None:
        return "-"
    low, high = share.interval
    return f"{percent(share.value)} ({100 * low:.0f}-{100 * high:.0f})"


def _out_of(share: Share) -> str:
    return f"{share.num_right} of {share.num}"


def straight_through_table(curve: StraightThrough) -> Table:
    """Return how many documents some thresholds let through, and how many of them are wrong."""
    rows = (
        (
            f"{step.ok_at:.2f}",
            str(step.through.num_right),
            _with_interval(step.through),
            str(step.wrong.num_right),
            _with_interval(step.wrong),
        )
        for step in chosen(curve, _THRESHOLDS)
    )
    names = ("--ok-at", "through", "of all read %", "wrong", "of those through %")
    return Table("Straight through", names, tuple(rows))


def _fields(report: Report) -> Table:
    columns: dict[str, Callable[[Verdicts], str]] = {
        "in truth": lambda counts: str(counts.recall.num),
        "recall %": lambda counts: _with_interval(counts.recall),
        "precision %": lambda counts: _with_interval(counts.precision),
        "right": lambda counts: str(counts.right),
        "wrong": lambda counts: str(counts.wrong),
        "missed": lambda counts: str(counts.missed),
        "fabricated": lambda counts: _out_of(counts.fabrication),
    }
    return _by_name("Fields", "field", columns, report.fields)


def _rows(report: Report) -> Table:
    columns: dict[str, Callable[[RowCounts], str]] = {
        "in truth": lambda counts: str(counts.num_truth),
        "given": lambda counts: str(counts.num_given),
        "found": lambda counts: str(counts.num_found),
        "whole": lambda counts: str(counts.num_whole),
        "recall %": lambda counts: _with_interval(counts.recall),
        "precision %": lambda counts: _with_interval(counts.precision),
        "F1 %": lambda counts: percent(counts.f1),
        "F1 of whole rows %": lambda counts: percent(counts.f1_whole),
    }
    return _by_name("Rows", "list", columns, report.rows)


def _by_name(
    title: str, first: str, columns: Mapping[str, Callable[[Counts], str]], rows: dict[str, Counts]
) -> Table:
    cells = ((name, *(cell(row) for cell in columns.values())) for name, row in rows.items())
    return Table(title, (first, *columns), tuple(cells))


def _statuses(report: Report) -> Table:
    rows = (
        (
            status.value,
            str(counts.precision.num),
            str(counts.right),
            str(counts.wrong),
            str(counts.fabricated),
            _with_interval(counts.precision),
            _error(report.reliability[status.value]),
        )
        for status, counts in report.statuses.items()
    )
    names = "status,given,right,wrong,fabricated,precision %,calibration error"
    return Table("Values by status", tuple(names.split(",")), tuple(rows))


def _reliability(report: Report) -> Table:
    overall = report.reliability["all"]
    rows = (
        (
            f"{item.low:.1f}-{item.high:.1f}",
            str(item.num),
            f"{item.confidence:.3f}",
            f"{item.num_right / item.num:.3f}",
        )
        for item in overall.bins
    )
    title = f"Reliability of the confidence (expected calibration error {_error(overall)})"
    return Table(title, ("confidence", "values", "mean confidence", "right"), tuple(rows))


def _error(reliability: Reliability) -> str:
    return "-" if reliability.error is None else f"{reliability.error:.3f}"


def _worst(report: Report) -> Table:
    rows = (_document(item) for item in report.documents[:_NUM_WORST])
    names = ("document", "wrong", "missed", "fabricated", "fields")
    return Table("Worst documents", names, tuple(row for row in rows if row[-1]), (0, 4))


def _document(document: DocumentScore) -> tuple[str, ...]:
    mistakes = (Verdict.WRONG, Verdict.MISSED, Verdict.FABRICATED)
    found = [document.with_verdict(verdict) for verdict in mistakes]
    paths = list(dict.fromkeys(item.path for items in found for item in items))
    rest = [f"and {len(paths) - _MAX_FIELDS_SHOWN} more"] if len(paths) > _MAX_FIELDS_SHOWN else []
    shown = ", ".join([*paths[:_MAX_FIELDS_SHOWN], *rest])
    return (document.path, *(str(len(items)) for items in found), shown)
