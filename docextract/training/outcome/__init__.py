"""What a training came to: held-out documents read by the real engine, reports, the model's card.

In flow answers before and after, out flow figures and files. May import ``dataset``, ``examples``
for pages, ``evaluation`` for figures, the engine's seam, ``normalise``, ``export`` and the floor.
"""

from __future__ import annotations
