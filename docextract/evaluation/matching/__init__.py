"""Pairs what belongs together: documents with labels, rows with rows.

In flow two lists, out flow pairs. May import the judging of values and ``core``.
"""

from __future__ import annotations
