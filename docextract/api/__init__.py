"""The front door in Python: documents in, instances of a Pydantic class out.

Knows nothing of runs, stores or exports. Inside: the ``Extractor`` and what it hands back
(``extraction``), where documents come from (``arrivals``, ``fetching``), how one is read
(``reading_plan``), and the thread that keeps workers and engine (``workshop``). In flow sources and
a schema, out flow results. May import ``pipeline`` and all that stands below it.
"""

from __future__ import annotations

from docextract.api.extraction import Extraction, Failure
from docextract.api.extractor import Extractor, extract

__all__ = ["Extraction", "Extractor", "Failure", "extract"]
