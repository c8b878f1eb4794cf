"""The watch over an answer's strings: where a value opened, and when it loops."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docextract.engine.answers.answer_json import complete
from docextract.engine.llava.decode.answer_limits import StringWatch, is_looping


@pytest.mark.parametrize(
    "text, expected",
    [
        (b"a" * 32, True),
        (b"a" * 31, False),
        (b"12 High Street, 12 High Street, 12 High Street, 12 High Street, ", True),
        (b"12 High Street, 12 High Street, 12 High Street, ", False),
        (b"4006381333931 8711253001202 5012345678900", False),
        (b"x" * 40 + b"y", False),
        (b"", False),
    ],
)
def test_looping(text, expected):
    assert is_looping(text, 32) is expected


@given(st.binary(max_size=60), st.binary(min_size=1, max_size=50))
def test_whatever_turns_often_enough_is_looping(before, turn):
    assert is_looping(before + turn * max(4, -(-32 // len(turn))), 32)


leaf = st.one_of(st.none(), st.text(max_size=6), st.sampled_from(['"', "\\", "null", '{"a":["']))
trees = st.fixed_dictionaries(
    {
        'k"ey': leaf,
        "group": st.fixed_dictionaries({"b": leaf}),
        "rows": st.lists(st.fixed_dictionaries({"x": leaf, "y": leaf}), max_size=2),
        "tags": st.lists(leaf, max_size=3),
    }
)


def count_leaves(tree):
    if isinstance(tree, dict | list):
        return sum(map(count_leaves, tree.values() if isinstance(tree, dict) else tree))
    return 1


@given(trees, st.integers(1, 5))
def test_watch_counts_values_and_not_keys(tree, size):
    text = json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()
    watch = StringWatch()
    for at in range(0, len(text), size):
        watch.feed(text[at : at + size])
    assert watch.num_leaves == count_leaves(tree)
    assert watch.opened_at is None


def test_watch_knows_which_token_opened_a_value():
    watch = StringWatch()
    for piece in (b'{"a', b'":"x","b', b'":"', b"INV", b"-7"):
        watch.feed(piece)
    assert watch.opened_at == 2
    assert watch.lead == b'":'
    assert bytes(watch.text) == b"INV-7"
    assert watch.num_leaves == 1


def test_a_cut_answer_is_completed():
    leaf = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    rows = {"type": "array", "items": {"type": "object", "properties": {"x": leaf}}}
    inner = {"type": "object", "properties": {"b": leaf}}
    shape = {"properties": {"a": leaf, "group": inner, "rows": rows}}
    assert complete({"a": "1"}, shape) == {"a": "1", "group": {"b": None}, "rows": []}
    whole = {"a": None, "group": {"b": "2"}, "rows": [{"x": "3"}]}
    assert complete(whole, shape) == whole
