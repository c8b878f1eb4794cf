"""The engine that needs no model: it fills any schema from words and their places.

Knows nothing of images, weights or networks.
"""

from __future__ import annotations

from docextract.engine.text.engine import TextEngine

__all__ = ["TextEngine"]
