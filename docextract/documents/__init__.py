"""Finds documents and opens them in worker processes, page by page.

Knows nothing of schemas, engines or stores. Inside: ``discovery/`` and what it finds in mails
and zips (``containers/``), then one room per kind of file (``pdf/``, ``images/``, ``einvoice/``),
``ocr/`` for pixels, ``pages/`` for what all have; ``opening`` and ``counting`` are what a worker
does. In flow paths, out flow pages. May import
``normalise`` and ``core``.
"""

from __future__ import annotations
