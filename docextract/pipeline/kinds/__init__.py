"""Which kind of document a file holds, by what it says itself.

Inside: the check that a document is of the schema's kind (``kind_check``). In flow opened
documents, out flow checks. May import ``splitting`` for the titles of pages, and the floor.
"""

from __future__ import annotations
