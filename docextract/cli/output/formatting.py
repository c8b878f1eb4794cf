"""How names and figures are shown to people.

Knows nothing of terminals or records.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
"""Unicode categories that move the cursor, turn the text around or cannot be seen."""


def show_path(text: str) -> str:
    r"""Return a name in which nothing can act on a terminal or hide.

    Control and format characters, among them ESC, newlines and bidirectional overrides,
    become escapes.

    Example:
        >>> show_path("a\x1b[2Jb\n.pdf")
        'a\\x1b[2Jb\\n.pdf'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) if _is_hidden(char) else char for char in text)


def show_duration(seconds: float) -> str:
    """Return a duration as people say it, such as ``1 h 05 min``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def show_count(number: int, noun: str) -> str:
    """Return a count with its noun, such as ``1,000 documents``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) in _HIDDEN


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


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
    cells = [[Text(show_path(cell)) for cell in row] for row in rows]
    if console.is_terminal and _least_width(columns, cells, {*unbroken, *numeric}) > console.width:
        _print_stacked(console, columns, cells, title)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    for number, name in enumerate(columns):
        is_numeric = number in numeric
        table.add_column(
            name,
            no_wrap=is_numeric or number in unbroken,
            overflow="fold",
            justify="right" if is_numeric else "left",
        )
    for row in cells:
        table.add_row(*row)
    console.print(table)


_READABLE_WIDTH = 16
"""Narrower than this, text in a column can hardly be read."""


def _least_width(
    columns: Sequence[str], rows: Sequence[Sequence[Text]], unbroken: Collection[int]
) -> int:
    """Return how wide a terminal must be for a table that cuts nothing off."""
    widths = []
    for number, name in enumerate(columns):
        widest = max([len(name), *(row[number].cell_len for row in rows)])
        widths.append(widest if number in unbroken else min(widest, _READABLE_WIDTH))
    return sum(widths) + 3 * len(columns)


def _print_stacked(
    console: Console, columns: Sequence[str], rows: Sequence[Sequence[Text]], title: str | None
) -> None:
    """Print what a table would say, each row as lines below its first cell."""
    from rich.padding import Padding
    from rich.table import Table

    if title is not None:
        console.print(title)
    for first, *others in rows:
        console.print(first, style="bold")
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for name, cell in zip(columns[1:], others, strict=True):
            if cell.plain:
                grid.add_row(name, cell)
        console.print(Padding(grid, (0, 0, 0, 2)))
