"""Tables on stdout.

Knows nothing of what they hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from docextract.cli.text import show_path

_PIPED_WIDTH = 200


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    title: str | None = None,
    unbroken: Collection[int] = (),
    numeric: Collection[int] = (),
) -> None:
    """Print a table that fits the terminal, or is wide where there is none.

    Args:
        columns: their names.
        rows: cells as text; what could act on a terminal is escaped.
        title: a line above it.
        unbroken: columns whose cells stay on one line.
        numeric: columns that are aligned to the right, and stay on one line too.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console.width = _PIPED_WIDTH
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    for number, name in enumerate(columns):
        is_numeric = number in numeric
        table.add_column(
            name,
            no_wrap=is_numeric or number in unbroken,
            overflow="fold",
            justify="right" if is_numeric else "left",
        )
    for row in rows:
        table.add_row(*(Text(show_path(cell)) for cell in row))
    console.print(table)
