"""Several documents in one file: where one ends and the next begins, and what follows from it.

Inside: lines and titles of a page (``page_lines``, ``page_titles``), what it says of the document
it belongs to (``page_signs``), what stands between two pages (``boundaries``), the check that finds
a mixture (``mixture``), the parts of a file that is cut (``cutting``); for engines that look at
pixels, how such a file is opened (``part_reading``) and its records gathered (``parts_in_work``).
In flow the pages of a file, out flow its documents. May import ``documents``, ``schema`` and the
floor; it knows no engine.
"""

from __future__ import annotations
