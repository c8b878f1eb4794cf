"""``docextract status``: what an output folder holds and how its newest run ended.

Knows nothing of the store's tables.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docextract.cli.options import option
from docextract.cli.output import boundary, show_count, show_path
from docextract.core import ExitCode, Tree


@boundary
def status(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Output folder of a run.")],
    is_json: Annotated[bool, option("--json", "One JSON object.")] = False,
) -> ExitCode:
    """Show counts by status, the newest run, and whether one is going on."""
    from docextract.core import to_json
    from docextract.review.overlay.overlay import overlay_of
    from docextract.store import Store, num_of_other_schemas

    with Store.read_only(out) as store:
        store.lens = overlay_of(store)
        found: Tree = {
            "out": str(out),
            "schema": store.schema_name(),
            "schemas": store.schema_names(),
            "counts": {name.value: number for name, number in store.counts().items()},
            "num_other_versions": num_of_other_schemas(store.versions()),
            "running": store.holder(),
            "last_run": store.last_run(),
        }
    typer.echo(to_json(found, indent=2) if is_json else "\n".join(_lines(found)))
    return ExitCode.OK


def _lines(found: Tree) -> list[str]:
    counts, run, running = found["counts"], found["last_run"], found["running"]
    num = show_count(sum(counts.values()), "document")
    kind = f", schema {show_path(found['schema'])}" if found["schema"] else ""
    lines = [f"{show_path(found['out'])}: {num}{kind}"]
    lines += [f"  {name:<8} {number:>8,}" for name, number in counts.items()]
    if found["num_other_versions"]:
        told = show_count(found["num_other_versions"], "document")
        lines.append(f"{told} of them were read with an earlier form of the schema")
    others = [name for name in found["schemas"] if name != found["schema"]]
    if others:
        lines.append(f"it holds records of {show_path(', '.join(others))} too")
    if run is not None:
        summary = run["summary"] or {}
        end = f"ended {run['ended']}" if run["ended"] else "has not ended"
        code = f", exit {summary['exit_code']}" if "exit_code" in summary else ""
        lines.append(f"newest run: began {run['started']}, {end}{code}")
    if running:
        who = f"process {running['pid']} on {running.get('host')}"
        lines.append(f"a run is going on: {show_path(who)} since {running.get('started')}")
    elif run is not None and not run["ended"]:
        lines.append("it was stopped; run the same command again to go on")
    return lines
