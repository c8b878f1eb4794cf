"""What reads PDFs: pages with words from their text layer, or pixels where it has none.

Inside: loading (``pdf_loading``), the file (``pdf_file``) and its pages (``pdf_pages``), words of
the text layer (``text_layer``), whether people can see them (``visibility``) and whether they can
be used (``layer_quality``), what is drawn on top (``annotations``), the second renderer
(``poppler``). In flows a path, out flow pages. May import ``documents`` around it and ``core``.
"""

from __future__ import annotations
