"""The command line: options in, exit code out.

Knows nothing of how anything is done; commands build options, call, print and return.
"""

from __future__ import annotations

from docextract.cli.app import app, main

__all__ = ["app", "main"]
