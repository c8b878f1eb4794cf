"""Printed numbers, amounts and quantities into plain decimals and currency codes.

In flows print, out flow readings. May import ``schema`` and ``core``.
"""

from __future__ import annotations
