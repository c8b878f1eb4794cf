"""What is asked, of which inputs, and as what: the front half of ``ask``.

In flow options and files of questions, out flow questions per document. May import ``schema``,
the engine's seam and ``core``.
"""

from __future__ import annotations
