"""Running text, identifiers and words of a choice into one canonical form.

In flows print, out flow readings. May import ``schema`` and the floor.
"""

from __future__ import annotations
