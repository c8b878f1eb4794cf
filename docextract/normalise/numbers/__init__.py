"""Printed numbers, amounts and quantities into plain decimals and currency codes.

In flows print, out flow readings. May import ``schema`` and the floor.
"""

from __future__ import annotations
