"""Answers decoded together: from requests to finished sequences.

Inside: the ``engine`` that questions are put to, the ``scheduler``, the running ``batch``, one
``sequence`` of it, its ``grammar`` and its limits. In flow prompt inputs, out flow answers. May
import ``llava/forward``, ``llava/prompt``, ``llava/weights``, the seam and the floor.
"""

from __future__ import annotations
