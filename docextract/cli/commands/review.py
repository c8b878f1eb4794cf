"""``docextract review``: what is in doubt, and a page on this machine to put it right.

Knows nothing of records or of how the page works.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docextract.cli.boundary import boundary
from docextract.cli.options.review_options import IsJson, Out, Password, Reviewer, SchemaName
from docextract.cli.options.shared_options import option
from docextract.cli.output.formatting import show_count, show_path
from docextract.cli.streams import error_stream
from docextract.errors import ExitCode

if TYPE_CHECKING:
    from docextract.review.desk.desk import Desk
    from docextract.review.queue.waiting import Waiting

IsList = Annotated[bool, option("--list", "Only name the documents in doubt, and why.")]

Sample = Annotated[
    int | None,
    option(
        "--sample",
        "So many documents at random, not those in doubt: to learn how good all are.",
        min=1,
    ),
]
Html = Annotated[
    Path | None,
    option("--html", "Write them to one file to read and send instead.", dir_okay=False),
]
Limit = Annotated[int, option("--limit", "Most documents in that file.", min=1)]
Port = Annotated[int, option("--port", "Port of the page; a free one if 0.", min=0, max=65535)]

_MAX_HTML_PAGES = 5


@boundary
def review(
    out: Out,
    is_list: IsList = False,
    is_json: IsJson = False,
    schema: SchemaName = None,
    reviewer: Reviewer = None,
    port: Port = 0,
    password: Password = None,
    sample: Sample = None,
    html: Html = None,
    limit: Limit = 20,
) -> ExitCode:
    """Look at what is in doubt and put it right, on a page that this machine alone can open.

    What you say is kept at once, apart from the records, and outlives every run.
    """
    from docextract.cli.output.review_output import waiting_lines
    from docextract.json_text import to_json
    from docextract.review.desk.desk import Desk

    desk = Desk.open(out, schema, reviewer)
    if html is not None:
        return _write_html(desk, html, limit, password, sample)
    if not (is_list or is_json):
        return _serve(desk, port, password, sample)
    waiting = _waiting(desk, sample)
    if is_json:
        typer.echo(to_json([item.to_json() for item in waiting], indent=2))
    else:
        typer.echo("\n".join(waiting_lines(waiting)))
    return ExitCode.OK


def _serve(desk: Desk, port: int, password: str | None, sample: int | None) -> ExitCode:
    """Serve the page until Ctrl-C; then the exports show what was said."""
    from docextract.review.desk.exports_again import write_again
    from docextract.review.page.answers import Answers
    from docextract.review.page.server import ReviewServer
    from docextract.review.pictures.page_pictures import PagePictures

    stream, before = error_stream(), len(desk.labels())
    with PagePictures(desk.out, password) as pictures:
        server = ReviewServer(Answers(desk, pictures, _picked(desk, sample)), port)
        typer.echo(server.url)
        stream.write(f"open it to review as {show_path(desk.reviewer)}; Ctrl-C ends the review\n")
        with contextlib.suppress(KeyboardInterrupt):
            server.serve()
    said = len(desk.labels()) - before
    stream.write(f"{show_count(said, 'thing')} said\n")
    if said and not write_again(desk.out, desk.schema):
        stream.write("a run goes on here; its exports will show it when it ends\n")
    return ExitCode.OK


def _waiting(desk: Desk, sample: int | None) -> list[Waiting]:
    from docextract.review.queue.waiting import in_order, sampled, waiting_of

    picked = _picked(desk, sample)
    trees = (stored.tree for stored in desk.documents())
    if picked is not None:
        chosen = (tree for tree in trees if tree["document"]["sha256"] in picked)
        return in_order(sampled(tree, desk.schema) for tree in chosen)
    found = (waiting_of(tree, desk.schema) for tree in trees)
    return in_order(item for item in found if item is not None)


def _picked(desk: Desk, sample: int | None) -> frozenset[str] | None:
    """Return the documents of a random sample, if one is asked for."""
    from docextract.review.queue.sampling import candidate_of, pick

    if sample is None:
        return None
    return frozenset(pick((candidate_of(it.tree) for it in desk.documents()), sample))


def _write_html(
    desk: Desk, target: Path, limit: int, password: str | None, sample: int | None
) -> ExitCode:
    """Write the foremost documents in doubt to one file."""
    from docextract.export.atomic import atomic_file
    from docextract.review.page.static import static_pages
    from docextract.review.pictures.page_pictures import PagePictures

    waiting = _waiting(desk, sample)
    chosen = [item for item in waiting if item.left][:limit]
    records = ((desk.record(item.sha256).tree, list(item.doubts)) for item in chosen)
    with PagePictures(desk.out, password) as pictures, atomic_file(target) as file:
        for text in static_pages(records, pictures, _MAX_HTML_PAGES):
            file.write(text.encode("utf-8", "backslashreplace"))
    more = len(waiting) - len(chosen)
    left_out = f"; {more:,} more are in doubt" if more else ""
    told = f"{show_count(len(chosen), 'document')} in {show_path(str(target))}{left_out}"
    error_stream().write(f"{told}\n")
    return ExitCode.OK
