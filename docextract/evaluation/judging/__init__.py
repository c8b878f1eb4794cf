"""Whether a value is what the truth says, and what became of each.

In flow expected and given values, out flow verdicts. May import ``normalise``, ``schema`` and the
floor.
"""

from __future__ import annotations
