"""Records as they stand with what people said: values, statuses, checks, who and when.

In flow stored records and labels, out flow records as they are shown. May import ``verify`` for the
checks, ``normalise``, ``store``, ``review/labels`` and the floor.
"""

from __future__ import annotations
