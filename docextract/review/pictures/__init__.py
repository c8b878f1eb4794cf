"""Pages as people see them, drawn in workers with limits, and the boxes of values on them.

Knows nothing of what is said of values. In flow documents and records as they stand, out flow
pictures and words. May import ``documents``, ``workers``, ``store``, ``review/desk`` and the floor.
"""

from __future__ import annotations
