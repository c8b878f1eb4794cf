"""What may be a value: patterns of print, candidates of each type, the one to pick.

In flow segments of lines, out flow typed candidates. May import ``layout``, ``normalise`` and the
floor.
"""

from __future__ import annotations
