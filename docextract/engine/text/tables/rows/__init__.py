"""Rows of a table: bands of lines, their cells, where they end, what proves them.

In flow columns and lines, out flow rows. May import what ``tables`` may, and ``columns``.
"""

from __future__ import annotations
