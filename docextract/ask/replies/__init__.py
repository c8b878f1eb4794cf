"""What is said in the end: made, weighed, put into order and written.

In flow answers and records, out flow replies, one per question and subject. May import
``pipeline``, ``verify``, ``normalise``, the engine's seam and ``core``.
"""

from __future__ import annotations
