"""What ``docextract eval`` prints and writes.

Knows nothing of how figures come about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from docextract.cli.output.formatting import print_table, show_count, show_path
from docextract.cli.output.streams import error_stream
from docextract.core import to_json, to_text
from docextract.evaluation import Evaluation, Gate, Report, Source, tables, to_markdown
from docextract.evaluation.reporting.straight_through import advice
from docextract.export.atomic import write_atomically

_NUM_NAMED = 5


def write_report(path: Path, evaluation: Evaluation) -> None:
    """Write the figures as Markdown, or with every mistake as JSON, by the file's suffix."""
    if path.suffix == ".md":
        text = to_text(to_markdown(tables(evaluation.report())))
    else:
        text = to_json(evaluation.to_json(), indent=2) + "\n"
    write_atomically(path, text.encode())
    _say(f"the report is in {path}")


def write_calibration(path: Path, evaluation: Evaluation) -> None:
    """Write the weights of the confidence that the labels teach.

    Raises:
        UsageError: too few values are labelled.
    """
    calibration = evaluation.calibration()
    write_atomically(path, f"{to_json(calibration.to_json(), indent=2)}\n".encode())
    _say(f"a calibration by {show_count(calibration.values.num, 'value')} is in {path}")


def show(
    evaluation: Evaluation, source: Source, gates: Sequence[Gate], wanted_error: float
) -> bool:
    """Print the tables and what was not scored; return whether every gate was passed."""
    report = evaluation.report()
    for table in tables(report):
        numeric = [i for i in range(1, len(table.columns)) if i not in table.text_columns]
        print_table(table.columns, table.rows, title=table.title, unbroken=(0,), numeric=numeric)
    for line in [*_source_notes(source), *_notes(evaluation, report)]:
        _say(line)
    if report.straight_through.steps:
        _say(advice(report.straight_through, wanted_error))
    complaints = [text for gate in gates if (text := gate.complaint(report))]
    for text in complaints:
        _say(f"gate failed: {text}")
    return not complaints


def _source_notes(source: Source) -> Iterator[str]:
    if source.is_changed:
        yield f"schema {source.schema.name} has changed since these records were made"
    if source.num_other:
        yield f"left out {show_count(source.num_other, 'record')} of another schema"


def _notes(evaluation: Evaluation, report: Report) -> Iterator[str]:
    unread = [item.path for item in report.unread]
    failed = [item.path for item in report.failed]
    yield f"scored {show_count(len(report.documents), 'labelled document')}"
    if unread:
        yield f"not in this run, all values missed: {_some(unread)}"
    if failed:
        yield f"failed, all values missed: {_some(failed)}"
    if evaluation.unlabelled:
        yield f"without labels, not scored: {_some(evaluation.unlabelled)}"
    if evaluation.num_other:
        number = show_count(evaluation.num_other, "labelled document")
        yield f"left out {number} of another schema than {evaluation.schema.name}"
    if evaluation.unknown:
        names = [f"{name} ({number})" for name, number in evaluation.unknown.most_common()]
        schema = evaluation.schema.name
        yield f"names that mean nothing in {schema}, see --mapping: {', '.join(names)}"
    for line in evaluation.unclear:
        yield f"left out: {line}"


def _some(paths: Sequence[str]) -> str:
    more = f", and {len(paths) - _NUM_NAMED:,} more" if len(paths) > _NUM_NAMED else ""
    return f"{show_count(len(paths), 'document')}: {', '.join(paths[:_NUM_NAMED])}{more}"


def _say(text: str) -> None:
    error_stream().write(f"{show_path(text)}\n")
