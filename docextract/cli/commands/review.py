"""``docextract review``: what is in doubt, and a page on this machine to put it right.

Knows nothing of records or of how the page works.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docextract.cli.options import IsJson, Out, Password, Reviewer, SchemaName, option
from docextract.cli.output import boundary, error_stream, show_count, show_duration, show_path, tell
from docextract.core import ExitCode, OptionError

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

_MAX_REASONS = 3
_MAX_UNREAD = 5


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
    from docextract.core import to_json
    from docextract.review.desk.desk import Desk
    from docextract.review.page.sitting import waiting_list, write_html

    desk = Desk.open(out, schema, reviewer)
    unread = desk.unread()
    for path in unread[:_MAX_UNREAD]:
        tell(f"cannot be reviewed, as it could not be read: {path}")
    if len(unread) > _MAX_UNREAD:
        tell(f"and {len(unread) - _MAX_UNREAD:,} more; failures.jsonl says why")
    if html is not None:
        number, more = write_html(desk, html, limit, password, sample)
        left_out = f"; {more:,} more are in doubt" if more else ""
        told = f"{show_count(number, 'document')} in {show_path(str(html))}{left_out}"
        error_stream().write(f"{told}\n")
    elif is_json:
        typer.echo(to_json([item.to_json() for item in waiting_list(desk, sample)], indent=2))
    elif is_list:
        typer.echo("\n".join(_lines(waiting_list(desk, sample))))
    else:
        _serve(desk, port, password, sample)
    return ExitCode.OK


def _serve(desk: Desk, port: int, password: str | None, sample: int | None) -> None:
    """Serve the page until Ctrl-C; then the exports show what was said."""
    from docextract.review.desk.desk import write_again
    from docextract.review.page.sitting import serve

    stream = error_stream()

    def show(url: str) -> None:
        typer.echo(url)
        stream.write(f"open it to review as {show_path(desk.reviewer)}; Ctrl-C ends the review\n")

    try:
        said = serve(desk, port, password, sample, show)
    except OSError as error:
        raise OptionError(f"--port {port}: {error.strerror}", "Choose another.") from error
    stream.write(f"{show_count(said, 'thing')} said\n")
    if said:
        from docextract.review.teaching import teach

        teach(desk, tell, password)
    if said and not write_again(desk.out, desk.schema):
        stream.write("a run goes on here; its exports will show it when it ends\n")


def _lines(waiting: Sequence[Waiting]) -> Iterator[str]:
    """Yield a list of the documents in doubt, each with its foremost reasons."""
    if not waiting:
        yield "nothing is in doubt"
        return
    left = [item for item in waiting if item.left]
    seconds = sum(item.seconds for item in waiting)
    yield f"{show_count(len(left), 'document')} in doubt, about {show_duration(seconds)}"
    for item in waiting:
        mark = "" if item.left else "  (skipped)"
        yield f"\n{show_path(item.path)}  {item.status}{mark}"
        for doubt in item.doubts[:_MAX_REASONS]:
            yield f"  - {show_path(doubt.text)}"
        more = len(item.doubts) - _MAX_REASONS
        if more > 0:
            yield f"  - and {show_count(more, 'reason')} more"
