"""What a PDF page's own words are worth: which are there, seen by people, and borne out by pixels.

Inside: characters and words (``glyphs``, ``text_layer``), what can hide them (``painted``), which
people see (``visibility``), whether the layer can be used (``layer_quality``), and what is held
against the drawn page (``proof``). In flows a page, out flow words. May import ``documents``
around it and ``core``.
"""

from __future__ import annotations
