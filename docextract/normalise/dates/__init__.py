"""Printed dates, times and periods into ISO 8601.

In flows print, out flow readings. May import ``normalise/locale``, ``normalise/numbers``,
``schema`` and ``core``.
"""

from __future__ import annotations
