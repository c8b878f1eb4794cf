"""Verdicts counted, and laid out as figures, tables, JSON and gates.

In flow verdicts, out flow figures. May import ``confidence`` and ``core``.
"""

from __future__ import annotations
