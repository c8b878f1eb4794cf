"""Which kind of document a file holds, by what it says itself.

Inside: the kinds and their words (``kind_table``), what pages say for each (``kind_evidence``),
what that weighs (``kind_model``), the checks that a document is of the schema's kind
(``kind_check``) and not marked as one to leave alone (``status_marks``), and which of several
schemas is for it (``schema_choice``). In flow opened documents, out flow checks and choices. May
import ``splitting`` for the titles of pages, ``schema``, and the floor.
"""

from __future__ import annotations
