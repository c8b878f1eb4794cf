"""Running text, identifiers and words of a choice into one canonical form.

In flows print, out flow readings. May import ``schema`` and ``core``.
"""

from __future__ import annotations
