"""Lists of rows: where a table stands, what its columns hold, which rows are items.

In flow lines, out flow rows by member. May import ``layout``, ``values``, ``labels``, ``fields``
and the document they share.
"""

from __future__ import annotations
