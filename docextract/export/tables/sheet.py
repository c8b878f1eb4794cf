"""Sheets of an XLSX file whose cells are typed, coloured and safe, written a row at a time.

Knows nothing of records. Text is only ever text: no cell of it becomes a formula, a number or a
link, and what would act on a terminal is a visible escape.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import quote_from_bytes

from docextract.core import OptionError
from docextract.export.csv_cells import visible
from docextract.export.tables.typed import Typed

MAX_ROWS, MAX_COLUMNS, MAX_LINKS = 1_048_576, 16_384, 65_530
_MAX_TEXT, _MAX_LINK, _MAX_NAME = 32_767, 2_000, 31
_CONTAINER = re.compile(rb"(.+?\.(?:eml|msg|mbox|zip))!", re.IGNORECASE | re.DOTALL)
_MAX_DIGITS = 15
"""Excel keeps no more of a number: longer ones stay text, whole."""
_FIRST_DAY = dt.date(1900, 3, 1)
"""Excel's calendar has a 29 February 1900; older dates stay text."""
_CUT = " [...] (too long for a cell; results.jsonl has it all)"
_CREATED = dt.datetime(1980, 1, 1)
"""The same records give the same bytes, whenever they are written."""

_NUMBER_FORMATS = {
    "money": "#,##0.00########",
    "number": "General",
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
    "text": "@",
    "head": "@",
}
_LOOKS: dict[str, dict[str, Any]] = {
    "head": {"bold": True, "bottom": 1, "bg_color": "#D9D9D9"},
    "link": {"font_color": "#0563C1", "underline": 1},
    "ok": {"bg_color": "#E2EFDA"},
    "review": {"bg_color": "#FFF2CC"},
    "failed": {"bg_color": "#F8CBAD", "bold": True},
    "skipped": {"font_color": "#7F7F7F"},
    "unverified": {"bg_color": "#FFF2CC"},
    "conflict": {"bg_color": "#F8CBAD", "bold": True},
    "confirmed": {"bg_color": "#E4DFEC"},
}
"""By status; colours are told apart by bold type too."""


class Cell(NamedTuple):
    """One cell.

    Attributes:
        value: typed; None leaves it empty.
        look: a status, or ``link``; empty for a plain one.
        link: a file's URI, or the place of another cell as ``Sheet.add`` returns it.
        is_money: whether it is shown with two decimals at least.
    """

    value: Typed
    look: str = ""
    link: str = ""
    is_money: bool = False


class Book:
    """An XLSX file whose rows wait on the disk, not in memory.

    Args:
        file: what it is written to when it is closed.
        folder: for the rows.
        max_rows: of one sheet; a table with more goes on in the next.
    """

    def __init__(self, file: BinaryIO, folder: Path, max_rows: int = MAX_ROWS) -> None:
        # Here, as it takes a tenth of a second that other commands need not wait.
        import xlsxwriter

        self.max_rows = max_rows
        options = {
            "constant_memory": True,
            "tmpdir": str(folder),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.book: Any = xlsxwriter.Workbook(file, options)
        self.book.set_properties({"created": _CREATED})
        self._looks: dict[tuple[str, str], Any] = {}
        self._names: set[str] = set()

    def look(self, kind: str, look: str) -> Any:
        """Return how cells of a kind and look are shown."""
        key = (kind, look)
        if key not in self._looks:
            shown = {"num_format": _NUMBER_FORMATS[kind], "valign": "top"}
            self._looks[key] = self.book.add_format(shown | _LOOKS.get(look, {}))
        return self._looks[key]

    def name(self, wanted: str) -> str:
        """Return a name for a sheet that Excel takes and no other sheet has."""
        base = re.sub(r"[^\w-]+", "_", wanted)[:_MAX_NAME] or "list"
        numbered = (f"{base[: _MAX_NAME - 4]}_{number}" for number in range(2, 1000))
        taken = self._names | {"history"}
        name = next(one for one in (base, *numbered) if one.lower() not in taken)
        self._names.add(name.lower())
        return name


class Sheet:
    """One table in a book, over as many sheets as its rows need.

    Args:
        book: where.
        name: of the sheet.
        columns: their names and widths in characters.
    """

    def __init__(self, book: Book, name: str, columns: Sequence[tuple[str, int]]) -> None:
        if len(columns) > MAX_COLUMNS:
            raise OptionError(
                f"--format xlsx: {name} has {len(columns):,} columns, a sheet {MAX_COLUMNS:,}",
                "Use --format csv, or fewer columns --with.",
            )
        self._book = book
        self._base = name
        self._columns = columns
        self._begin()

    def _begin(self) -> None:
        self._name = self._book.name(self._base)
        self._sheet = self._book.book.add_worksheet(self._name)
        self._row = self._num_links = 0
        for number, (name, width) in enumerate(self._columns):
            self._sheet.set_column(number, number, width)
            self._sheet.write_string(0, number, visible(name), self._book.look("head", "head"))
        self._sheet.freeze_panes(1, 1)

    def add(self, cells: Sequence[Cell]) -> str:
        """Write a row and return its place, such as ``internal:'review'!A7``."""
        if self._row + 1 >= self._book.max_rows:
            self.finish()
            self._begin()
        self._row += 1
        for number, cell in enumerate(cells):
            self._write(number, cell)
        return f"internal:'{self._name}'!A{self._row + 1}"

    def finish(self) -> None:
        """Let people filter by column."""
        self._sheet.autofilter(0, 0, max(self._row, 1), len(self._columns) - 1)

    def _write(self, column: int, cell: Cell) -> None:
        value, at = cell.value, (self._row, column)
        if isinstance(value, bool):
            self._sheet.write_boolean(*at, value, self._book.look("number", cell.look))
        elif (number := _number(value)) is not None:
            kind = "money" if cell.is_money else "number"
            self._sheet.write_number(*at, number, self._book.look(kind, cell.look))
        elif isinstance(value, dt.date) and _day(value) >= _FIRST_DAY:
            kind = "moment" if isinstance(value, dt.datetime) else "date"
            self._sheet.write_datetime(*at, value, self._book.look(kind, cell.look))
        elif value is not None:
            self._write_text(*at, _text(str(value)), cell)
        elif cell.look:
            self._sheet.write_blank(*at, None, self._book.look("text", cell.look))

    def _write_text(self, row: int, column: int, text: str, cell: Cell) -> None:
        is_linked = cell.link and len(cell.link) <= _MAX_LINK and self._num_links < MAX_LINKS
        look = self._book.look("text", cell.look)
        if is_linked and text:
            self._num_links += 1
            self._sheet.write_url(row, column, cell.link, look, text)
        else:
            self._sheet.write_string(row, column, text, look)


def _day(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


def _number(value: Typed) -> float | None:
    """Return what Excel holds of a number to its last digit; None where it would cut it."""
    if isinstance(value, Decimal):
        digits = "".join(map(str, value.as_tuple().digits)).strip("0")
        is_whole = len(digits) <= _MAX_DIGITS and abs(value) < 10**_MAX_DIGITS
        return float(value) if is_whole else None
    return value if isinstance(value, int | float) else None


def _text(text: str) -> str:
    """Return what a cell can hold of a text, and says so where that is not all."""
    whole = visible(text).replace("\r\n", "\n").replace("\r", "\n")
    # Excel counts UTF-16 units.
    units = whole.encode("utf-16-le")
    if len(units) // 2 <= _MAX_TEXT:
        return whole
    kept = units[: 2 * (_MAX_TEXT - len(_CUT))].decode("utf-16-le", errors="ignore")
    return kept + _CUT


def file_uri(raw_path: bytes) -> str:
    """Return the link to a file by its absolute path; empty where a link cannot name it.

    What lies in a mail or a zip has no path of its own: the link is to the file it lies in.
    The scheme has a capital, which means the same: xlsxwriter takes ``file:`` for a path of Windows
    and turns its slashes around.
    """
    try:
        raw_path.decode()
    except UnicodeDecodeError:
        return ""
    within = _CONTAINER.match(raw_path)
    raw_path = within[1] if within else raw_path
    # Bytes are quoted as they are: in a locale that knows ASCII alone a Path cannot name them.
    return f"File://{quote_from_bytes(raw_path)}" if raw_path.startswith(b"/") else ""


@contextlib.contextmanager
def open_book(file: BinaryIO, folder: Path, max_rows: int = MAX_ROWS) -> Iterator[Book]:
    """Yield a book that is in the file when the block ends well.

    Args:
        file: where to.
        folder: on the same disk, for rows that wait.
        max_rows: see ``Book``.

    Raises:
        OSError: the disk is full.
    """
    with TemporaryDirectory(prefix=".docextract-", suffix=".tmp", dir=folder) as waiting:
        book = Book(file, Path(waiting), max_rows)
        try:
            yield book
        finally:
            # Also where it comes to nothing: it closes what it holds open.
            _close(book)


def _close(book: Book) -> None:
    from xlsxwriter.exceptions import FileCreateError

    try:
        book.book.close()
    except FileCreateError as error:
        cause = error.args[0]
        raise cause if isinstance(cause, OSError) else OSError(str(error)) from error
