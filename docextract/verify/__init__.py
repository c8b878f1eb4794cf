"""What a value is worth: several readings become one tree, each leaf with its evidence.

Inside: ``merging`` of pages, ``repair/`` of one value by another, ``checks/`` between values,
``grounding`` on the page, ``field_status`` of each leaf, its ``confidence``, and
what people should know first (``injection``). In flow answers and pages, out flow values,
evidence, checks and status. May import ``normalise``, ``schema``, the answer of the engine's seam
and the floor.
"""

from __future__ import annotations
