"""Amounts of a document chosen together so that they add up; receipts in their own way.

In flow options of amounts, out flow the chosen ones. May import ``layout``, ``values``,
``labels``, ``fields`` and the document they share.
"""

from __future__ import annotations
