"""What reads PDFs: pages with words from their text layer, or pixels where it has none.

Inside: loading (``pdf_loading``), the file (``pdf_file``) and its pages (``pdf_pages``), what its
own words are worth (``layer``), what is drawn on top (``annotations``), the second renderer
(``poppler``). In flows a path, out flow pages. May import ``documents`` around it and ``core``.
"""

from __future__ import annotations
