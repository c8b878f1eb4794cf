"""``docextract train``: a dataset from labels, and a model that has learned from it.

Knows nothing of how either is made.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docextract.cli.options import OptionGroup, option, with_option_groups
from docextract.cli.output import boundary, error_stream, settled
from docextract.cli.training.label_sources import LabelSources, label_sources
from docextract.cli.training.train_options import IsFresh, MaxMinutes, train_settings
from docextract.core import ExitCode, OptionError
from docextract.training.train_settings import TrainSettings

if TYPE_CHECKING:
    from docextract.schema import Schema
    from docextract.training.collect.make_dataset import DataSettings
    from docextract.training.dataset import LeftOut

app = typer.Typer(
    name="train",
    help="Teach one's own LLaVA-NeXT: a dataset from labels, then training, then an adapter.",
    no_args_is_help=True,
)
Dataset = Annotated[Path, typer.Argument(metavar="DATA", help="A dataset of train data.")]


def _asked(name: str, text: str, *more: str, **settings: Any) -> Any:
    return option(name, text, *more, rich_help_panel="What is asked", **settings)


def _split(name: str, text: str, **settings: Any) -> Any:
    return option(name, text, rich_help_panel="What is held out", **settings)


Schemas = Annotated[list[str], _asked("--schema", "As for run; repeatable.", "-s")]
Kinds = Annotated[
    str | None,
    _asked(
        "--questions",
        "Shares of whole, subset, single, closer, ask and text, such as whole=.5,text=.5.",
    ),
]
SplitBy = Annotated[
    str,
    _split(
        "--split",
        "What stands on one side: file, folder or field:PATH; auto takes the seller's name.",
    ),
]
HeldOut = Annotated[float, _split("--held-out", "Share of documents held out.", min=0.0, max=0.9)]
DataSeed = Annotated[int, _split("--seed", "Of all that is drawn.")]
Forced = Annotated[bool, _split("--force", "Make it however few documents there are.")]


@app.command("data")
@boundary
@with_option_groups
def data(
    out: Annotated[Path, typer.Argument(metavar="DATA", help="Folder of the dataset.")],
    schemas: Schemas,
    sources: Annotated[LabelSources, OptionGroup(label_sources)],
    kinds: Kinds = None,
    split: SplitBy = "auto",
    held_out: HeldOut = 0.15,
    seed: DataSeed = 0,
    is_forced: Forced = False,
) -> ExitCode:
    """Make a dataset of questions with printed answers.

    Only what is found printed on the page is taught; what is left out is listed with its reason
    in left_out.jsonl.
    """
    from docextract.schema.loading import load_schema, trusted_spec
    from docextract.training.collect.make_dataset import DataSettings
    from docextract.training.collect.question_kinds import DEFAULT_MIXTURE, Mixture
    from docextract.training.collect.split_groups import SplitRule

    mixture = Mixture.parse(kinds) if kinds else DEFAULT_MIXTURE
    settings = DataSettings(SplitRule(split), held_out, mixture, seed, is_forced, sources.words())
    places = sources.places()
    loaded = [load_schema(settled(trusted_spec(spec, places))) for spec in schemas]
    asked = [one for schema in loaded for one in schema.among or (schema,)]
    return _make(out, sources, asked, settings)


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
    from docextract.cli.training.train_output import check_lines
    from docextract.training.dataset import read_dataset
    from docextract.training.jobs.train_check import check_dataset

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
    max_minutes: MaxMinutes = None,
    is_fresh: IsFresh = False,
) -> ExitCode:
    """Teach a model: first the projector, then what answers.

    Killed or stopped at any point, the same command goes on where it was and comes to the same
    weights. The held-out documents are read by the engine before, between and after.
    """
    from docextract.cli.training.train_output import train
    from docextract.training.dataset import read_dataset

    return train(_folder(model), read_dataset(data), out, settings, max_minutes, is_fresh)


@app.command("export")
@boundary
def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder of a training.")],
    merged: Annotated[
        Path | None, option("--merged", "Folder that is written, for --model.")
    ] = None,
    adapter: Annotated[
        Path | None, option("--adapter", "Or this one, for --adapter, with --share.")
    ] = None,
    share: Annotated[
        float, option("--share", "Of the way from the base that the adapter goes.", min=0.05, max=1)
    ] = 1.0,
    model: Annotated[
        str | None, option("--model", "The base, where it lies elsewhere now.")
    ] = None,
) -> ExitCode:
    """Merge a trained adapter into its base, or write one that goes only a share of the way.

    A share below 1 keeps more of what the base could read and less of what was learned.
    """
    from docextract.training.jobs.train_export import export_merged, export_softened

    base = _folder(model) if model else None
    if (merged is None) is (adapter is None) or (merged is not None and share < 1):
        raise OptionError("give --merged FOLDER, or --adapter FOLDER with its --share")
    if merged is not None:
        export_merged(out, merged, base)
    elif adapter is not None:
        export_softened(out, adapter, share, base)
    typer.echo(str(merged or adapter))
    return ExitCode.OK


def _make(
    out: Path, sources: LabelSources, schemas: list[Schema], settings: DataSettings
) -> ExitCode:
    from docextract.training.collect.make_dataset import make_dataset
    from docextract.training.collect.opened_pages import PageReader
    from docextract.training.dataset import Split, reasons, write_dataset

    left_out: list[LeftOut] = []
    documents = list(sources.documents(schemas, left_out))
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
