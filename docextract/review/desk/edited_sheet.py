"""Reads the sheet of documents of an edited ``documents.xlsx`` as rows of texts.

Knows nothing of fields. Typed cells come out as records write values, so that no country's way of
writing them is in doubt. openpyxl is an extra, imported when it is asked for.
"""

from __future__ import annotations

import datetime as dt
import importlib
import re
import warnings
from collections.abc import Collection, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from docextract.core import MissingDependencyError, UsageError

SUFFIXES = (".xlsx", ".xlsm")
_NUMBERED = re.compile(r"(.+?)(_\d+)?")
_THREE_PLACES = re.compile(r"-?\d+\.\d{3}")


def read_sheet(path: Path, names: Collection[str]) -> Iterator[tuple[str, int, list[str]]]:
    """Yield table, number and texts of each row of the sheets of documents, their headers too.

    Args:
        path: of a workbook; where no sheet is called by one of the names, its first is read.
        names: of tables of documents, which may go on in ``documents_2``.

    Raises:
        MissingDependencyError: openpyxl is not installed.
        UsageError: it is no workbook, or a cell is an error or a formula without its result.
    """
    opened = _opener()
    try:
        shown, written = opened(path, data_only=True), opened(path, data_only=False)
    except (OSError, BadZipFile, ParseError, KeyError, ValueError, TypeError) as error:
        raise UsageError(f"{path} is no workbook: {error}", "Save it as .xlsx again.") from error
    tables = {name: _table(name, names) for name in shown.sheetnames}
    own = {name: table for name, table in tables.items() if table in names}
    for name, table in (own or dict(list(tables.items())[:1])).items():
        pairs = zip(shown[name].iter_rows(), written[name].iter_rows(), strict=True)
        for number, (values, sources) in enumerate(pairs, start=1):
            _check(path, name, values, sources)
            yield table, number, [_text(cell.value) for cell in values]
    shown.close()
    written.close()


def _table(sheet: str, names: Collection[str]) -> str:
    """Return the table that a sheet holds, or goes on with."""
    found = _NUMBERED.fullmatch(sheet)
    return found[1] if found and sheet not in names else sheet


def _opener() -> Any:
    try:
        openpyxl = importlib.import_module("openpyxl")
    except ImportError as error:
        raise MissingDependencyError(
            f"reading a workbook needs openpyxl: {error}",
            "pip install 'docextract[xlsx]', or save the sheet of documents as CSV UTF-8.",
        ) from error

    def opened(path: Path, *, data_only: bool) -> Any:
        with warnings.catch_warnings():
            # Of styles and extensions that say nothing about cells' values.
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(path, read_only=True, data_only=data_only)

    return opened


def _check(path: Path, sheet: str, values: Any, sources: Any) -> None:
    for value, source in zip(values, sources, strict=True):
        is_formula = source.data_type == "f" and value.value is None
        if is_formula or value.data_type == "e":
            what = "a formula without its result" if is_formula else f"the error {value.value}"
            raise UsageError(
                f"{path}: {sheet}!{source.coordinate} holds {what}",
                "Put a value there, and save it in a spreadsheet.",
            )


def _text(value: object) -> str:
    """Return what stands in a cell as records write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, float):
        text = format(Decimal(repr(value)), "f").removesuffix(".0")
        # 1.234 might be thousands; 1.2340 is not.
        return f"{text}0" if _THREE_PLACES.fullmatch(text) else text
    # How OOXML writes text that looks like one of its escapes (ECMA-376, ST_Xstring).
    return str(value).replace("_x005F_", "_")
