"""Who sells and who buys: claims to a role, weighed against each other.

In flow lines and label hits, out flow two parties with name, address and contacts. May import
``layout``, ``values``, ``labels``, ``fields`` and the document they share.
"""

from __future__ import annotations
