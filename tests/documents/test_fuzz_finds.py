"""Files that a fuzzer made smaller until only what broke was left: none is a bug's any more."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.drawn_files import OPTIONS

from docextract.core import DocumentError
from docextract.documents.discovery.discover import Discovery
from docextract.documents.opening import open_document

FINDS = sorted((Path(__file__).parent / "fuzz_finds").iterdir())


@pytest.mark.parametrize("path", FINDS, ids=lambda path: path.stem)
def test_a_find_is_read_or_refused_with_a_reason(path):
    (found,) = Discovery([str(path)])
    try:
        parts = list(open_document(found.document, OPTIONS))
    except DocumentError as error:
        assert str(error)
    else:
        assert parts
