"""What the options of commands are called, what they mean and what they build.

In flow words of the command line, of the environment and of ``docextract.toml``; out flow the
frozen options of ``config``. May import ``batch`` for moments, and ``core``.
"""

from __future__ import annotations

from docextract.cli.options.config_file import Config, ReadingCommand
from docextract.cli.options.option_groups import OptionGroup, with_option_groups
from docextract.cli.options.review_options import (
    DocumentName,
    IsApplied,
    IsJson,
    OfSchema,
    Out,
    Password,
    Reviewer,
    SchemaName,
    WithLabels,
)
from docextract.cli.options.shared_options import (
    LogFormat,
    TrustHere,
    folder_of,
    option,
    parse_formats,
)
from docextract.cli.options.table_options import TableGroup

__all__ = [
    "Config",
    "DocumentName",
    "IsApplied",
    "IsJson",
    "LogFormat",
    "OfSchema",
    "OptionGroup",
    "Out",
    "Password",
    "ReadingCommand",
    "Reviewer",
    "SchemaName",
    "TableGroup",
    "TrustHere",
    "WithLabels",
    "folder_of",
    "option",
    "parse_formats",
    "with_option_groups",
]
