"""What a closer look takes over goes with all that was known of it."""

from __future__ import annotations

from docextract.engine.base import Answer
from docextract.pipeline.revision import _substituted


def test_what_a_second_reading_said_of_a_replaced_value_goes_with_it():
    base = Answer({"n": "1", "t": "8"}, {"n": 0.4, "t": 0.9}, second_odds={"n": -2.0, "t": 1.5})
    closer = Answer({"n": "2", "t": "9"}, {"n": 0.8})
    mixed = _substituted(base, closer, ["n"])
    assert mixed.values == {"n": "2", "t": "8"}
    assert mixed.probabilities == {"n": 0.8, "t": 0.9}
    assert mixed.second_odds == {"t": 1.5}
