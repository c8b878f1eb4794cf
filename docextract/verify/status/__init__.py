"""What a value and a record have earned, and why a person should look at a record.

In flow values with their evidence and their checks, out flow statuses and reasons. Knows nothing
of pages or engines. May import ``confidence``, ``value``, ``schema`` and the floor.
"""

from __future__ import annotations
