"""Finds documents and opens them in worker processes, page by page.

Knows nothing of schemas, engines or stores.
"""

from __future__ import annotations
