"""Printed text to typed values, by the evidence of the document's own habits.

Knows nothing of pages, engines or stores. Inside: ``numbers/``, ``dates/``, ``text/``, the
``locale/`` they depend on, and ``values``, which reads whole answers. In flow print and a kind,
out flow readings. May import ``schema`` and ``core``.
"""
