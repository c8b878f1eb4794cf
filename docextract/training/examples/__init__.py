"""Items as the model reads them: planned, cut and tokenised by the engine's own parts.

In flow items and pages, out flow token ids, tiles and steps of items. May import
``engine.llava``, the engine's seam, ``dataset``, ``collect`` for pages, ``schema`` and the floor.
"""

from __future__ import annotations
