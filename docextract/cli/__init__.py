"""The command line: options in, exit code out.

Knows nothing of how anything is done; commands build options, call, print and return. Inside: the
``app``, the ``boundary`` where errors end, the process's ``streams``, and ``commands/``,
``options/``, ``output/``. May import every room; nothing imports it.
"""

from __future__ import annotations

from docextract.cli.app import app, main

__all__ = ["app", "main"]
