"""Reads pictures of lines: RapidOCR's recogniser, run for less.

In flow pictures of lines, out flow their letters. Imports nothing of the package.
"""

from __future__ import annotations
