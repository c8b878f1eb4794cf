"""Says what a run would find and about how long it would take, without reading a page.

Knows nothing of how that is shown; writes nothing. In flow the options of a run, out flows a
plan. Inside: ``surveying`` the inputs, the ``history`` of earlier runs, what is
``asked`` now and what that means for ``rereading``, the ``estimate``.
"""

from __future__ import annotations

from docextract.batch.planning.estimate import Estimate, Plan
from docextract.batch.planning.history import Earlier, open_earlier
from docextract.batch.planning.surveying import survey

__all__ = ["Earlier", "Estimate", "Plan", "open_earlier", "survey"]
