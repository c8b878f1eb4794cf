"""``docextract train``: a dataset from labels, and a model that has learned from it.

Knows nothing of how either is made.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docextract.cli.boundary import boundary
from docextract.cli.options.label_sources import LabelSources
from docextract.cli.options.option_groups import OptionGroup, with_option_groups
from docextract.cli.options.shared_options import option
from docextract.cli.options.train_options import train_settings
from docextract.cli.streams import error_stream
from docextract.errors import ExitCode
from docextract.training.train_settings import TrainSettings

if TYPE_CHECKING:
    from docextract.schema import Schema
    from docextract.training.collect.make_dataset import DataSettings
    from docextract.training.dataset.left_out import LeftOut

app = typer.Typer(
    name="train",
    help="Teach one's own LLaVA-NeXT: a dataset from labels, then training, then an adapter.",
    no_args_is_help=True,
)
_SOURCES, _ASKED, _SPLIT = "Where labels come from", "What is asked", "What is held out"
_KEPT = "What is kept and looked at"
Dataset = Annotated[Path, typer.Argument(metavar="DATA", help="A dataset of train data.")]


@app.command("data")
@boundary
def data(
    out: Annotated[Path, typer.Argument(metavar="DATA", help="Folder of the dataset.")],
    schemas: Annotated[
        list[str], option("--schema", "As for run; repeatable.", "-s", rich_help_panel=_ASKED)
    ],
    truths: Annotated[
        list[Path] | None,
        option("--truth", "Labels, as for eval; repeatable.", rich_help_panel=_SOURCES),
    ] = None,
    folders: Annotated[
        list[Path] | None,
        option(
            "--documents",
            "Where the documents of a --truth lie, one for each, in order; its own folder if "
            "not given.",
            rich_help_panel=_SOURCES,
        ),
    ] = None,
    words: Annotated[
        list[Path] | None,
        option(
            "--words",
            "Words known of a --truth's pages, so that no OCR is run; one for each, in order.",
            rich_help_panel=_SOURCES,
        ),
    ] = None,
    runs: Annotated[
        list[Path] | None,
        option("--run", "Output folder of a run; repeatable.", rich_help_panel=_SOURCES),
    ] = None,
    believed: Annotated[
        str,
        option("--from", "Of a run: verified, or all that was read.", rich_help_panel=_SOURCES),
    ] = "verified",
    texts: Annotated[
        list[Path] | None,
        option(
            "--text",
            "Documents without labels, whose text is copied; repeatable.",
            rich_help_panel=_SOURCES,
        ),
    ] = None,
    mapping: Annotated[
        Path | None,
        option("--mapping", "What names in the labels mean, as for eval.", rich_help_panel=_ASKED),
    ] = None,
    kinds: Annotated[
        str | None,
        option(
            "--questions",
            "Shares of whole, subset, single, closer, ask and text, such as whole=.5,text=.5.",
            rich_help_panel=_ASKED,
        ),
    ] = None,
    split: Annotated[
        str,
        option(
            "--split",
            "What stands on one side: file, folder or field:PATH; auto takes the seller's name.",
            rich_help_panel=_SPLIT,
        ),
    ] = "auto",
    held_out: Annotated[
        float,
        option(
            "--held-out",
            "Share of documents held out.",
            min=0.0,
            max=0.9,
            rich_help_panel=_SPLIT,
        ),
    ] = 0.15,
    seed: Annotated[
        int, option("--seed", "Of every choice by chance.", rich_help_panel=_SPLIT)
    ] = 0,
    is_forced: Annotated[
        bool,
        option("--force", "Make it however few documents there are.", rich_help_panel=_SPLIT),
    ] = False,
) -> ExitCode:
    """Make a dataset of questions with printed answers.

    Only what is found printed on the page is taught; what is left out is listed with its reason
    in left_out.jsonl.
    """
    from docextract.schema.loading import load_schema
    from docextract.training.collect.make_dataset import DataSettings
    from docextract.training.collect.question_kinds import DEFAULT_MIXTURE, Mixture
    from docextract.training.collect.split_groups import SplitRule

    sources = LabelSources(
        truths or [], folders or [], words or [], runs or [], texts or [], mapping
    )
    settings = DataSettings(
        SplitRule(split),
        held_out,
        Mixture.parse(kinds) if kinds else DEFAULT_MIXTURE,
        seed,
        is_forced,
        sources.words(),
    )
    return _make(out, sources, [load_schema(spec) for spec in schemas], settings, believed)


Model = Annotated[str, option("--model", "Folder or name of the model that is taught, as for run.")]


@app.command("check")
@boundary
def check(
    data: Dataset,
    model: Model,
    detail: Annotated[str, option("--detail", "As for run.")] = "auto",
    rank: Annotated[int, option("--rank", "Of a LoRA.", min=1)] = 16,
) -> ExitCode:
    """Say what a dataset holds, what of it fits the model, and what memory training takes.

    Nothing is trained, and no weights are loaded on a GPU. Memory is computed, not measured.
    """
    from docextract.cli.output.train_output import check_lines
    from docextract.training.dataset.dataset_folder import read_dataset
    from docextract.training.train_check import check_dataset

    found = check_dataset(read_dataset(data), _folder(model), detail=detail, rank=rank)
    typer.echo("\n".join(check_lines(found)))
    return ExitCode.OK if found.num_fitting else ExitCode.USAGE


def _folder(model: str) -> Path:
    from docextract.engine.llava.weights.select import choose_model

    return choose_model(model, "none").folder


@app.command("run")
@boundary
@with_option_groups
def run(
    data: Dataset,
    model: Model,
    out: Annotated[Path, option("--out", "Folder of the training.", "-o")],
    settings: Annotated[TrainSettings, OptionGroup(train_settings)],
    max_minutes: Annotated[
        float | None,
        option("--max-minutes", "Save and stop after so many.", rich_help_panel=_KEPT),
    ] = None,
    is_fresh: Annotated[
        bool,
        option("--fresh", "Begin anew in a folder beside OUT.", rich_help_panel=_KEPT),
    ] = False,
) -> ExitCode:
    """Teach a model: first the projector, then what answers.

    Killed or stopped at any point, the same command goes on where it was and comes to the same
    weights. The held-out documents are read by the engine before, between and after.
    """
    from docextract.cli.output.train_output import train
    from docextract.training.dataset.dataset_folder import read_dataset

    return train(_folder(model), read_dataset(data), out, settings, max_minutes, is_fresh)


@app.command("export")
@boundary
def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder of a training.")],
    merged: Annotated[Path, option("--merged", "Folder that is written, for --model.")],
    model: Annotated[
        str | None, option("--model", "The base, where it lies elsewhere now.")
    ] = None,
) -> ExitCode:
    """Merge a trained adapter into its base: a whole model folder."""
    from docextract.training.train_export import export_merged

    export_merged(out, merged, _folder(model) if model else None)
    typer.echo(str(merged))
    return ExitCode.OK


def _make(
    out: Path, sources: LabelSources, schemas: list[Schema], settings: DataSettings, believed: str
) -> ExitCode:
    from docextract.training.collect.make_dataset import make_dataset
    from docextract.training.collect.opened_pages import PageReader
    from docextract.training.dataset.dataset_folder import write_dataset
    from docextract.training.dataset.item import Split
    from docextract.training.dataset.left_out import reasons

    left_out: list[LeftOut] = []
    documents = list(sources.documents(schemas, believed, left_out))
    with PageReader() as reader:
        dataset = make_dataset(out, documents, schemas, settings, left_out, _tell, reader)
    write_dataset(dataset)
    for why, count in reasons(dataset.left_out):
        _tell(f"left out {count}: {why}")
    taught, held = (dataset.about["documents"].get(side.value, 0) for side in Split)
    _tell(f"{taught} documents to learn from, {held} held out, {len(dataset.items)} questions")
    typer.echo(str(out))
    return ExitCode.OK


def _tell(text: str) -> None:
    error_stream().write(f"{text}\n")
