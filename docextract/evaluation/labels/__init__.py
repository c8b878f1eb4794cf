"""Labels of documents: read, named as a schema names fields, laid out as expected records.

In flow files of truth, out flow expected values. May import ``schema``, ``store`` and ``core``.
"""

from __future__ import annotations
