"""How people and programs are told things: errors, answers, figures, the three streams.

In flow results and errors, out flows text. May import the rooms whose results it shows. The door
holds what every command needs; what brings more with it is imported where it is used.
"""

from __future__ import annotations

from docextract.cli.output.error_boundary import (
    boundary,
    complain,
    hint_of,
    is_json_asked,
    settled,
    warn,
    write_bug_log,
)
from docextract.cli.output.formatting import print_table, show_count, show_duration, show_path
from docextract.cli.output.streams import error_stream, flush_stdout, prepare_streams, tell

__all__ = [
    "boundary",
    "complain",
    "error_stream",
    "flush_stdout",
    "hint_of",
    "is_json_asked",
    "prepare_streams",
    "print_table",
    "settled",
    "show_count",
    "show_duration",
    "show_path",
    "tell",
    "warn",
    "write_bug_log",
]
