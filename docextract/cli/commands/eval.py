"""``docextract eval``: scores a run, or documents it reads first, against labels.

Knows nothing of how values are compared, counted or shown.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docextract.cli.options import (
    LogFormat,
    OptionGroup,
    option,
    with_option_groups,
)
from docextract.cli.output import boundary, error_stream, settled, show_path
from docextract.core import ExitCode, OptionError, ReadOptions, RunOptions, Scratch, UsageError

if TYPE_CHECKING:
    from docextract.evaluation import Evaluation, Gate, Source
    from docextract.evaluation.labels.truth import Labels
    from docextract.review.desk.desk import Desk

_SUFFIXES = (".json", ".md")
_HAS_RECORDS = (ExitCode.OK, ExitCode.SOME_FAILED)
_SCORING = "What is scored"
_READING = "What is read first"
_OUTPUT = "Output"


Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT",
        help="The output folder of a run or its results.jsonl; or files, folders and globs "
        "to read first, with --schema.",
    ),
]
Truth = Annotated[
    Path | None,
    option(
        "--truth",
        "Labels: JSON lines, or an edited documents.csv; else what people said of the run.",
        exists=True,
        dir_okay=False,
        rich_help_panel=_SCORING,
    ),
]
SchemaSpec = Annotated[
    str | None,
    option("--schema", "As for run; the run's own if not given.", "-s", rich_help_panel=_SCORING),
]
Mapping = Annotated[
    Path | None,
    option(
        "--mapping",
        "TOML or JSON that says what names in the labels mean.",
        exists=True,
        dir_okay=False,
        rich_help_panel=_SCORING,
    ),
]
Width = Annotated[
    float,
    option(
        "--width",
        "Half the interval wanted of the share of right documents: says how many to review.",
        rich_help_panel=_SCORING,
        min=0.005,
        max=0.5,
    ),
]
WantedError = Annotated[
    float,
    option(
        "--wanted-error",
        "Share of documents straight through that may be wrong: names the --ok-at for it.",
        rich_help_panel=_SCORING,
        min=0.0,
        max=1.0,
    ),
]
MinRecall = Annotated[
    list[str] | None,
    option("--min-recall", "Exit 5 below FIELD=0.9; repeatable.", rich_help_panel=_SCORING),
]
MinPrecision = Annotated[
    list[str] | None,
    option("--min-precision", "Exit 5 below FIELD=0.9; repeatable.", rich_help_panel=_SCORING),
]
EngineName = Annotated[
    str, option("--engine", "auto or text; for another, run first.", rich_help_panel=_READING)
]
NoEmbedded = Annotated[
    bool,
    option(
        "--no-embedded",
        "Read the page even where e-invoice XML is inside.",
        rich_help_panel=_READING,
    ),
]
Out = Annotated[
    Path | None,
    option("--out", "Keep what is read in this folder.", "-o", rich_help_panel=_READING),
]
Reports = Annotated[
    list[Path] | None,
    option("--report", "Also write FILE.json or FILE.md; repeatable.", rich_help_panel=_OUTPUT),
]
Calibrate = Annotated[
    Path | None,
    option(
        "--calibrate",
        "Refit the confidence to these labels and write it as JSON, for run --calibration.",
        rich_help_panel=_OUTPUT,
    ),
]


def _read_options(
    inputs: Inputs,
    schema: SchemaSpec = None,
    engine: EngineName = "auto",
    has_no_embedded: NoEmbedded = False,
    out: Out = None,
) -> RunOptions:
    read = ReadOptions(use_embedded=not has_no_embedded)
    return RunOptions(tuple(inputs), schema or "", out, engine, read=read)


@boundary
@with_option_groups
def evaluate(
    options: Annotated[RunOptions, OptionGroup(_read_options)],
    truth: Truth = None,
    width: Width = 0.05,
    wanted_error: WantedError = 0.02,
    mapping: Mapping = None,
    min_recall: MinRecall = None,
    min_precision: MinPrecision = None,
    reports: Reports = None,
    calibrate: Calibrate = None,
) -> ExitCode:
    """Score a run against labelled documents, field by field.

    Tables go to stdout, messages to stderr; what could not be scored is named.
    """
    from docextract.cli.output.eval_output import show, write_calibration, write_report
    from docextract.evaluation import NameMapping
    from docextract.evaluation import evaluate as score

    gates = _gates(min_recall or [], min_precision or [])
    for path in reports or []:
        if path.suffix not in _SUFFIXES:
            raise OptionError(f"--report: {path} ends in neither {' nor '.join(_SUFFIXES)}")
    names, labels = NameMapping.load(mapping), _labels(options, truth)
    source = _records(options)
    if isinstance(source, ExitCode):
        return source
    evaluation = score(labels, source.records, source.schema, names)
    _check_any_read(evaluation)
    for path in reports or []:
        write_report(path, evaluation)
    if calibrate is not None:
        write_calibration(calibrate, evaluation)
    is_passed = show(evaluation, source, gates, wanted_error)
    if truth is None:
        _tell_of_sample(Path(options.inputs[0]), _name(options), width)
    return ExitCode.OK if is_passed else ExitCode.SOME_FAILED


def _labels(options: RunOptions, truth: Path | None) -> list[Labels]:
    """Return the labels in a file, or what people said of a run."""
    from docextract.evaluation import labels_of, read_truth

    if truth is not None:
        return read_truth(truth)
    out = Path(options.inputs[0])
    if len(options.inputs) != 1 or not out.is_dir():
        hint = "Give --truth FILE, or the output folder of a run that was reviewed."
        raise OptionError("there is nothing to score against", hint)
    name = _name(options)
    told = _desk(out, name).truth()
    found = labels_of([line for line in told if name in (None, line["schema"])], "review")
    if not found:
        raise UsageError(f"nobody has reviewed {out}", f"docextract review {out}, or --truth FILE.")
    return found


def _name(options: RunOptions) -> str | None:
    from docextract.schema.loading import load_schema, trusted_spec

    return load_schema(settled(trusted_spec(options.schema))).name if options.schema else None


def _desk(out: Path, name: str | None) -> Desk:
    """Return a run's desk; one of several schemas is looked for among those of the newest run."""
    from docextract.review.desk.desk import Desk
    from docextract.store import Store

    with Store.read_only(out) as store:
        is_alone = name in store.schema_names()
    return Desk.open(out, name if is_alone else None)


def _tell_of_sample(out: Path, schema: str | None, half_width: float) -> None:
    """Say what the labels of a review speak for, and how many more would speak for all."""
    from docextract.review.queue.sampling import num_needed, seen_whole

    trees = [
        stored.tree
        for stored in _desk(out, schema).documents()
        if schema in (None, stored.tree["schema"]["name"])
    ]
    whole = seen_whole(trees)
    needed = num_needed(sum(whole), len(whole), half_width, len(trees))
    more = max(0, needed - len(whole))
    seen = f"{len(whole)} of {len(trees)} documents were reviewed throughout"
    told = f"{seen}, {sum(whole)} of them read right"
    advice = (
        f"to know the share of right ones to {half_width:.1%} take {more} more, at random: "
        f"docextract review {show_path(str(out))} --sample {needed}"
    )
    error_stream().write(f"{told}; {advice if more else f'enough for {half_width:.1%}'}\n")


def _check_any_read(evaluation: Evaluation) -> None:
    """Tell labels of other documents from a run that missed everything."""
    if len(evaluation.report().unread) == len(evaluation.documents):
        read = evaluation.unlabelled[0] if evaluation.unlabelled else "none"
        raise UsageError(
            "none of the labelled documents is in this run",
            f"Labelled is {evaluation.documents[0].path}, read was {read}.",
        )


def _gates(min_recall: list[str], min_precision: list[str]) -> list[Gate]:
    from docextract.evaluation import Gate

    recalls = [Gate.parse("recall", text) for text in min_recall]
    return recalls + [Gate.parse("precision", text) for text in min_precision]


def _records(options: RunOptions) -> Source | ExitCode:
    """Return the records of a run, made now if need be, or why there are none."""
    from docextract.evaluation import is_results, read_source

    inputs, schema = options.inputs, options.schema or None
    if len(inputs) == 1 and is_results(Path(inputs[0])):
        from docextract.schema.loading import trusted_spec

        return read_source(Path(inputs[0]), schema and settled(trusted_spec(schema)))
    if options.out == Path("-"):
        raise OptionError("--out: eval keeps what it reads in a folder, not on stdout")
    if schema is None:
        hint = "Give --schema to read documents first."
        raise OptionError(f"{' '.join(inputs)} is no output of a run", hint)
    with Scratch() as scratch:
        folder = options.out or scratch.path
        code = _run(replace(options, out=folder))
        return read_source(folder, schema) if code in _HAS_RECORDS else code


def _run(options: RunOptions) -> ExitCode:
    from docextract.batch.runner import run_batch
    from docextract.cli.progress.watch import watch

    with watch(
        options.out, is_quiet=False, is_verbose=False, log_format=LogFormat.TEXT
    ) as reporter:
        return run_batch(options, reporter).exit_code
