"""How probable it is that a value, and that a whole record, is right: signals and their weights.

In flow grounded and checked values and what their pages look like, out flow probabilities. Inside:
``value_signals``, ``surroundings``, ``record_signals`` and ``weights``, which were fitted to
labelled documents. Knows nothing of statuses. May import ``value``, ``normalise``, ``schema`` and
the floor.
"""

from __future__ import annotations
