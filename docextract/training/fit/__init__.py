"""Fits weights to examples: what is trained, one step, a stage, and what is kept on the way.

In flow examples in their order, out flow tensors of what was trained. May import ``examples``,
``dataset``, ``engine.llava``, ``export`` for whole files and the floor.
"""

from __future__ import annotations
