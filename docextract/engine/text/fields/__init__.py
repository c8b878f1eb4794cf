"""Options of single fields: behind, beside and below labels, in titles, or alone.

In flow lines, candidates and label hits, out flow options with what speaks for them. May import
``layout``, ``values``, ``labels`` and the document they share.
"""

from __future__ import annotations
