"""What a value is worth: several readings become one value a field, each with its evidence.

Inside: the ``value`` that goes through all stages, ``merging`` of pages and embedded data,
``repair/`` of one value by another, ``checks/`` between values, ``grounding/`` on the page, the
``confidence`` and ``field_status`` of each, and what people should know first (``injection``). In
flow answers and pages, out flow values with evidence, checks and status. May import ``normalise``,
``schema``, the answer of the engine's seam and ``core``.
"""

from __future__ import annotations
