"""How names and figures are shown to people.

Knows nothing of terminals or records.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence

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
