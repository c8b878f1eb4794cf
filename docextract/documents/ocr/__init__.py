"""Reads words off pixels: models, lines, words and the page that is made of them.

In flow pixels, out flows a page. May import ``documents/pages``, ``normalise`` and ``core``.
"""

from __future__ import annotations
