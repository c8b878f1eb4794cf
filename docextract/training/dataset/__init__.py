"""The dataset folder (format 1): questions with printed answers, and what was left out.

In flow items and pages, out flow the same bytes for the same input. May import ``schema``, the
engine's seam, ``export`` for whole files and the floor; no model is touched here.
"""

from __future__ import annotations
