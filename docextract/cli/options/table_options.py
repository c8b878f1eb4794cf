"""The options that say how tables are written.

Knows nothing of tables.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from docextract.cli.options.option_groups import OptionGroup
from docextract.cli.options.shared_options import option, parse_formats
from docextract.core import DIALECTS, EXTRA_COLUMNS, OptionError, TableStyle

_PANEL = "Output"
_SPELT = {"tab": "\t", "\\t": "\t", "semicolon": ";", "comma": ","}
_DELIMITERS, _DECIMALS = frozenset(",;\t|:"), frozenset(".,")

Dialect = Annotated[
    str | None,
    option(
        "--dialect",
        f"Marks of CSV files that go together: {', '.join(DIALECTS)}.",
        rich_help_panel=_PANEL,
    ),
]
Delimiter = Annotated[
    str | None,
    option(
        "--delimiter", "Between the cells of CSV files: , ; | : or tab.", rich_help_panel=_PANEL
    ),
]
Decimal = Annotated[
    str | None,
    option("--decimal", "Decimal mark in CSV files: . or ,", rich_help_panel=_PANEL),
]
With = Annotated[
    str | None,
    option(
        "--with",
        f"Columns beside each value in tables, any of {', '.join(EXTRA_COLUMNS)}.",
        rich_help_panel=_PANEL,
    ),
]


def _table_style(
    dialect: Dialect = None,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    extra: With = None,
) -> TableStyle:
    style = DIALECTS.get(dialect or "excel")
    if style is None:
        raise OptionError(f"--dialect: {dialect!r} is not one of {', '.join(DIALECTS)}")
    if delimiter is not None:
        style = replace(style, delimiter=_SPELT.get(delimiter, delimiter))
    if decimal is not None:
        style = replace(style, decimal=decimal)
    _check(style)
    return replace(style, extra=_extra(extra or ""))


def _check(style: TableStyle) -> None:
    if style.delimiter not in _DELIMITERS:
        raise OptionError(f"--delimiter: {style.delimiter!r} is not one of , ; | : tab")
    if style.decimal not in _DECIMALS:
        raise OptionError(f"--decimal: {style.decimal!r} is neither . nor ,")
    if style.delimiter == style.decimal:
        raise OptionError(
            "--decimal , needs another --delimiter", "Use --dialect excel-de, or --delimiter ';'."
        )


def _extra(text: str) -> tuple[str, ...]:
    names = parse_formats(text)
    unknown = [name for name in names if name not in EXTRA_COLUMNS]
    if unknown:
        raise OptionError(f"--with: {unknown[0]!r} is not one of {', '.join(EXTRA_COLUMNS)}")
    return names


TableGroup = Annotated[TableStyle, OptionGroup(_table_style)]
