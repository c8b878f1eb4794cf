"""Says what a run would find and about how long it would take, without reading a page.

Knows nothing of how that is shown; writes nothing.
"""

from __future__ import annotations

from docextract.planning.earlier import Earlier, open_earlier
from docextract.planning.plan import Estimate, Plan
from docextract.planning.surveying import survey

__all__ = ["Earlier", "Estimate", "Plan", "open_earlier", "survey"]
