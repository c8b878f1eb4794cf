"""Columns of a table: found under headers, named by members, aligned over rows.

In flow headers and lines, out flow columns with their members. May import what ``tables`` may.
"""

from __future__ import annotations
