"""Words become tokens, tokens segments, segments lines.

In flow pages, out flow lines. May import the floor alone.
"""

from __future__ import annotations
