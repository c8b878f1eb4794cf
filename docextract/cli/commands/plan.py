"""``docextract plan``: what a run would find, and about how long it would take.

Knows nothing of how that is found out.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from docextract.cli.options import Config, option, run_options, with_option_groups
from docextract.cli.output import boundary, error_stream, show_count, show_duration, show_path
from docextract.core import ExitCode, NoDocumentsError, shown_uri

if TYPE_CHECKING:
    from docextract.batch.planning import Plan


@boundary
@with_option_groups
def plan(
    *,
    schema: Annotated[
        str | None,
        option("--schema", "As for run; else what is done is told by OUT's newest run.", "-s"),
    ] = None,
    options: run_options.SharedGroup,
    is_json: Annotated[bool, option("--json", "One JSON object.")] = False,
    config: Config = None,
) -> ExitCode:
    """Say what a run would find: files, pages, unreadable, duplicates, done, and how long.

    Give it the run's options. It reads no page and writes nothing; of more than
    2,000 documents, pages are counted on a random 2,000 and scaled up.
    """
    from docextract.batch.planning import open_earlier, survey
    from docextract.core import to_json

    if config is not None:
        error_stream().write(f"settings from {show_path(str(config.absolute()))}\n")
    options = replace(options, schema=schema or "")
    with open_earlier(options, has_schema=schema is not None) as earlier:
        found = survey(options, earlier, sys.stdin.buffer)
    if not found.num_files:
        raise NoDocumentsError(f"no document in {', '.join(map(shown_uri, options.inputs))}")
    if is_json:
        typer.echo(to_json(found.to_json(), indent=2))
    else:
        _show(found, "-" if options.out is None else str(options.out))
    return ExitCode.OK


def _show(found: Plan, out: str) -> None:
    about = "about " if found.is_sampled else ""
    rows = [
        ("files", f"{found.num_files:,}", _listed(found.by_media_type)),
        ("to read", f"{about}{found.num_to_read:,}", _again(found)),
        ("pages", f"{about}{found.num_pages:,}", _counted(found)),
        ("unreadable", f"{about}{found.num_unreadable:,}", _listed(found.reasons)),
        ("duplicates", f"{found.num_duplicates:,}", ""),
        ("done", f"{sum(found.done.values()):,}", _done(found, out)),
        ("ignored", f"{sum(found.ignored.values()):,}", _listed(found.ignored)),
        ("time", f"about {show_duration(found.estimate.seconds)}", _speed(found, out)),
    ]
    width = max(len(number) for _, number, _ in rows)
    for name, number, more in rows:
        typer.echo(f"{name:<11} {number:>{width}}   {show_path(more)}".rstrip())
    for pattern in found.unmatched:
        error_stream().write(f"{show_path(pattern)} matched nothing\n")


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name or 'unknown'} {number:,}" for name, number in counts.items())


def _again(found: Plan) -> str:
    told = (f"{number:,} of them read before: {why}" for why, number in found.again.items())
    return "; ".join(told)


def _counted(found: Plan) -> str:
    return f"counted in {show_count(found.num_counted, 'file')}" if found.is_sampled else ""


def _done(found: Plan, out: str) -> str:
    if not found.compared_with:
        return f"there was no run into {out}, or its schema is not known: give --schema"
    return _listed(found.done)


def _speed(found: Plan, out: str) -> str:
    estimate = found.estimate
    speeds = [
        f"{name} {seconds:.2f} s{' (a guess)' if name in estimate.guessed else ''}"
        for name, seconds in estimate.seconds_per_page.items()
    ]
    parts = [show_count(estimate.num_workers, "worker")]
    if speeds:
        parts.append(f"a page of {', '.join(speeds)}")
    if estimate.num_measured_pages:
        pages = show_count(estimate.num_measured_pages, "page")
        parts.append(f"measured on {pages} of earlier runs into {out}")
    return "; ".join(parts)
