"""``docextract models list|show|fetch``: which models there are, what fits, and getting one.

Knows nothing of how memory is computed, nor of the hub.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docextract.cli import completions
from docextract.cli.options import option
from docextract.cli.output import boundary, print_table
from docextract.core import QUANTIZATIONS, ExitCode

if TYPE_CHECKING:
    from docextract.engine.llava.weights.catalogue import CatalogueModel

_CARDS_GB = (8, 16, 24, 80)

app = typer.Typer(
    help="List, show and fetch models of the llava engine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="A name of models list, or its hub id.",
        autocompletion=completions.models,
    ),
]
IsJson = Annotated[bool, option("--json", "As JSON.")]


@app.command("list")
@boundary
def list_models(
    vram_gb: Annotated[
        float | None,
        option("--vram-gb", "As if on a card of this size, e.g. 24.", min=1),
    ] = None,
    is_json: IsJson = False,
) -> ExitCode:
    """List the models: what they weigh, and how many A4 pages fit at once.

    Pages are for this machine's GPU and its free memory; without one, at nf4 for
    common cards.
    """
    from docextract.core import to_json
    from docextract.engine.llava.weights.catalogue import catalogue

    memory, told = _memory(vram_gb)
    rows = [_row(model, memory) for model in catalogue()]
    if is_json:
        typer.echo(to_json(rows, indent=2))
        return ExitCode.OK
    typer.echo(told)
    fixed = ("name", "params", "context", "A4 tokens", "DocVQA", "ChartQA", "fetched")
    columns = [*fixed, *(_weight_title(name) for name in QUANTIZATIONS), *memory, "licence"]
    print_table(
        columns,
        ([_cell(row[name]) for name in columns] for row in rows),
        unbroken=(0,),
        numeric=range(1, len(columns) - 1),
    )
    return ExitCode.OK


@app.command("show")
@boundary
def show(name: Name, is_json: IsJson = False) -> ExitCode:
    """Show all that is known of one model, and where it lies if it was fetched."""
    from docextract.core import to_json
    from docextract.engine.llava.weights.catalogue import get_model

    facts = _facts(get_model(name))
    if is_json:
        typer.echo(to_json(facts, indent=2))
    else:
        print_table(["what", name], ((key, _cell(value)) for key, value in facts.items()))
    return ExitCode.OK


@app.command("fetch")
@boundary
def fetch(
    name: Name,
    out: Annotated[
        Path | None,
        option("--out", "Folder for the files; the hub's cache if not given.", "-o"),
    ] = None,
    revision: Annotated[
        str | None, option("--revision", "Commit, branch or tag; the pinned one if not given.")
    ] = None,
) -> ExitCode:
    """Download a model: one commit of it, safetensors only, going on where it stopped."""
    from docextract.engine.llava.weights.catalogue import get_model
    from docextract.engine.llava.weights.download import fetch as download

    model = get_model(name)
    if model.hub_id and not (revision or model.revision):
        typer.echo(f"{model.name} has no pinned revision: taking main of {model.hub_id}", err=True)
    fetched = download(model, revision, out)
    spec = model.name if out is None else out
    typer.echo(f"{model.name} is {model.hub_id} at {fetched.commit}, in {fetched.folder}")
    typer.echo(f"docextract run INPUT --schema invoice --engine llava --model {spec}", err=True)
    return ExitCode.OK


def _memory(vram_gb: float | None) -> tuple[dict[str, tuple[str, int]], str]:
    """Return the columns of pages (title to quantization and bytes), and a line that explains."""
    from docextract.engine.llava.weights.device import GIB, usable_bytes

    if vram_gb is not None:
        card, told = usable_bytes(vram_gb), f"Pages at once on a {vram_gb:g} GB card."
    else:
        from docextract.engine.llava.weights.device import find_gpu

        gpu = find_gpu()
        if gpu is None:
            cards = {f"{size} GB": ("nf4", usable_bytes(size)) for size in _CARDS_GB}
            return cards, "No CUDA GPU here. Pages at once at nf4, by size of card."
        card = gpu.free_bytes
        free, total = gpu.free_bytes / GIB, gpu.total_bytes / GIB
        told = f"Pages at once on this {gpu.name}, {free:.1f} of {total:.1f} GiB free."
    return {f"pages {name}": (name, card) for name in QUANTIZATIONS}, told


def _row(model: CatalogueModel, memory: dict[str, tuple[str, int]]) -> dict[str, Any]:
    from docextract.engine.llava.weights.device import GIB
    from docextract.engine.llava.weights.download import fetched_folder

    footprint = model.footprint
    weights = {
        _weight_title(name): round(footprint.weight_bytes(name) / GIB, 1) for name in QUANTIZATIONS
    }
    return {
        "name": model.name,
        "params": f"{footprint.num_parameters / 1e9:.1f} B",
        "context": model.context_tokens,
        "A4 tokens": model.a4_tokens,
        "DocVQA": model.docvqa,
        "ChartQA": model.chartqa,
        "fetched": fetched_folder(model) is not None,
        **weights,
        **{title: model.num_pages(*column) for title, column in memory.items()},
        "licence": model.licence,
    }


def _facts(model: CatalogueModel) -> dict[str, Any]:
    from docextract.engine.llava.weights.device import GIB
    from docextract.engine.llava.weights.download import fetched_folder

    folder = fetched_folder(model)
    return {
        **_row(model, {}),
        "MiB per A4 page": round(model.page_bytes / 2**20),
        "KiB per token": model.footprint.decoder.kv_bytes_per_token // 2**10,
        "GiB for one page at nf4": round(model.needed_bytes("nf4") / GIB, 1),
        "hub id": model.hub_id,
        "revision": model.revision,
        "family": model.family,
        "figures from": model.source,
        "pages a question": "several" if model.reads_several_pages else "one",
        "folder": None if folder is None else str(folder),
        "note": model.note or None,
    }


def _weight_title(quantization: str) -> str:
    return "16-bit GiB" if quantization == "none" else f"{quantization} GiB"


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "–" if value in (None, 0) else str(value)
