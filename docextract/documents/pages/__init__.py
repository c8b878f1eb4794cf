"""What every page has, whatever it came from: geometry, words without card numbers, parts.

In flow boxes and words, out flow pages and the parts they are sent in, packed where they cost OCR
(``page_cache``). May import ``core`` alone.
"""

from __future__ import annotations
