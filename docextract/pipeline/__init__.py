"""One document: asked about, answered, judged, looked at again, recorded.

Inside: the order of the steps (``document``), what is asked (``questions``), how questions reach
an engine (``dispatch``) and many documents stand side by side (``driver``), what answers are
worth (``assess``), what is asked again and what that changes (``reask``, ``revision``), the
record (``record``). In flow the parts of an opened document, out flows a record. May import
``verify``, ``documents``, ``workers``, the engine's seam and the floor; no engine, no store, no
export.
"""

from __future__ import annotations
