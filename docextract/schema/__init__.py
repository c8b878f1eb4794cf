"""Schemas: what is asked of a document, in any spelling, as every stage sees it.

Knows nothing of documents.
"""

from __future__ import annotations
