"""Keys that are kept beside memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docextract.core import StoreError
from docextract.documents.discovery.seen_keys import Remembered


@given(st.lists(st.tuples(st.binary(max_size=3), st.binary(max_size=3))))
def test_a_key_is_told_as_it_was_first(items):
    remembered = Remembered()
    known: dict[bytes, bytes] = {}
    for key, told in items:
        assert remembered.add(key, told) == known.get(key)
        known.setdefault(key, told)


def test_no_room_for_temporary_files_is_a_store_error():
    remembered = Remembered()
    remembered._database.execute("PRAGMA max_page_count = 4")
    with pytest.raises(StoreError, match="temporary files"):
        for number in range(1000):
            remembered.add(number.to_bytes(16, "big"), b"x" * 100)
