"""What people say of values: labels that no run overwrites, and records as they stand with them.

Knows nothing of engines. In flow stored records and people's words, out flow labels and what they
change. May import ``store``, ``export``, ``verify``, ``normalise``, ``documents``, ``workers`` and
the floor.
"""

from __future__ import annotations
