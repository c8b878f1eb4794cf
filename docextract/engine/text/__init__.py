"""The engine that needs no model: it fills any schema from words and their places.

Knows nothing of images, weights or networks. The order is in ``engine``: words become lines
(``layout/``), typed candidates (``values/``) and label hits (``labels/``), then options of single
``fields/``, ``parties/``, ``totals/`` and ``tables/`` are weighed. May import ``normalise``,
``schema`` and the seam.
"""

from __future__ import annotations

from docextract.engine.text.engine import TextEngine

__all__ = ["TextEngine"]
