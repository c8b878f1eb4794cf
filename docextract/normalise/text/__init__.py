"""Running text, identifiers and words of a choice into one canonical form.

In flows print, out flow readings. May import the floor alone.
"""

from __future__ import annotations
