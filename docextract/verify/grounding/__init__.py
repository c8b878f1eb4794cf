"""Grounding: where on the pages a value stands.

Inside: a page's words as searchable text (``page_text``), and the evidence of one value or of all
(``grounder``). In flow pages and values, out flows evidence. May import ``normalise``, ``schema``,
the value of ``verify`` and ``core``.
"""

from __future__ import annotations
