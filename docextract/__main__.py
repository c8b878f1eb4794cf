"""Runs the command line as ``python -m docextract``.

Knows nothing but its name.
"""

from __future__ import annotations

from docextract.cli.app import main

if __name__ == "__main__":
    main()
