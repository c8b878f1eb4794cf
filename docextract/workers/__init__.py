"""The sandbox: processes that do one job at a time under limits, and survive nothing.

Inside: the ``pool``, one ``process`` of it, what both sides say (``protocol``, ``events``), the
``worker``'s own side, the machine's ``cores`` and the ``signals`` that end a run. In flow jobs,
out flow their events. Knows nothing of documents; may import the floor alone.
"""

from __future__ import annotations
