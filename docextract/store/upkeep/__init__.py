"""What keeps a store in order over the years: files that move, and records that are to go.

Knows nothing of runs. Inside: ``sightings`` of the same bytes under other paths, ``pruning`` of
what is no longer wanted, the ``versions`` they were read in, and stores that are merged.
"""

from __future__ import annotations
