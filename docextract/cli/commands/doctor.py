"""``docextract doctor``: what works on this machine, and what helps where something does not.

Knows nothing of what is looked at.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docextract.cli.options import Config, TrustHere, engine_options, option
from docextract.cli.output import boundary, show_path
from docextract.core import ExitCode


@boundary
def doctor(
    out: Annotated[
        str, option("--out", "Output folder the run is to use; it need not exist.", "-o")
    ] = "out",
    engine: engine_options.EngineName = "auto",
    model: engine_options.Model = None,
    url: engine_options.Url = None,
    is_json: Annotated[bool, option("--json", "One JSON object.")] = False,
    trusts_here: TrustHere = False,
    config: Config = None,
) -> ExitCode:
    """Look at Python, processor, disk, OCR, GPU and weights, and read a page as a trial.

    Ends with 0 if a run would work here, else with 3 and what helps.
    """
    from docextract.core import to_json
    from docextract.doctor import Level, examine

    del trusts_here  # of the settings, which are read by now
    rows = []
    is_broken = False
    settings = "none" if config is None else str(config.absolute())
    for found in examine(engine, model, Path("." if out == "-" else out), url):
        is_broken |= found.level is Level.BROKEN
        rows.append({name: getattr(found, name) for name in found.__slots__})
        if not is_json:
            typer.echo(f"{found.level:<8} {found.name:<13} {show_path(found.told)}")
            if found.remedy:
                typer.echo(f"{'':<22} -> {show_path(found.remedy)}")
    if is_json:
        tree = {"works": not is_broken, "settings": settings, "findings": rows}
        typer.echo(to_json(tree, indent=2))
    else:
        typer.echo(f"{'ok':<8} {'settings':<13} {show_path(settings)}")
    return ExitCode.SETUP if is_broken else ExitCode.OK
