"""How people and programs are shown what happens: progress, tables, answers, streams.

In flow events, records and figures, out flows text. May import the rooms whose results it shows.
"""

from __future__ import annotations
