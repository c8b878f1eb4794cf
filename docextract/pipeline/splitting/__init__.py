"""Several documents in one file: where one ends and the next begins, and what follows from it.

Inside: the lines of a page (``page_lines``), what a page says of the document it belongs to
(``page_signs``), what stands between two pages (``boundaries``), the warning of a mixture
(``mixture``), and the parts of a file that is cut (``cutting``). In flow the pages of an opened
document, out flow its parts. May import ``documents``, ``schema`` and the floor; it
knows no engine and no record.
"""

from __future__ import annotations
