"""Where a document comes from: its language, countries, regions and habits of print.

In flow words, out flow habits that decide ambiguous print. May import ``schema`` and ``core``.
"""

from __future__ import annotations
