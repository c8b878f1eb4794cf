"""What announces a field: every phrase for it, where pages have it, how much it says.

In flow schema and lines, out flow label hits. May import ``layout``, ``values``, ``schema`` and
the floor.
"""

from __future__ import annotations
