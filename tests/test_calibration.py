"""A calibration curve never falls, stays between 0 and 1, and comes close to the truth."""

from __future__ import annotations

import itertools
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docextract.calibration import MIN_CASES, Curve, fit
from docextract.errors import UsageError

CASES = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=MIN_CASES, max_size=200)


@given(CASES, st.lists(st.floats(-1, 2), min_size=2, max_size=20))
def test_a_curve_rises_between_0_and_1(cases, scores):
    curve = fit([score for score, _ in cases], [outcome for _, outcome in cases])
    levels = [curve.at(score) for score in sorted(scores)]
    assert all(low <= high + 1e-12 for low, high in itertools.pairwise(levels))
    assert all(0 <= level <= 1 for level in levels)


@given(CASES)
def test_a_curve_survives_json(cases):
    curve = fit([score for score, _ in cases], [outcome for _, outcome in cases])
    again = Curve.from_json(json.loads(json.dumps(curve.to_json())))
    assert (again.num_cases, again.num_right) == (curve.num_cases, curve.num_right)
    for score, _ in cases:
        assert again.at(score) == pytest.approx(curve.at(score), abs=1e-3)


def test_honest_scores_stay_as_they_are():
    chance = random.Random(7)
    scores = [chance.random() for _ in range(4000)]
    curve = fit(scores, [chance.random() < score for score in scores])
    for score in (0.1, 0.3, 0.5, 0.7, 0.9):
        assert curve.at(score) == pytest.approx(score, abs=0.06)


def test_boasting_scores_are_lowered():
    chance = random.Random(8)
    scores = [chance.uniform(0.9, 1.0) for _ in range(2000)]
    curve = fit(scores, [chance.random() < 0.6 for _ in scores])
    assert curve.at(0.95) == pytest.approx(0.6, abs=0.05)


def test_a_short_row_of_successes_is_no_certainty():
    few = fit([0.9] * 60, [True] * 60)
    many = fit([0.9] * 6000, [True] * 6000)
    assert 0.98 < few.at(0.9) < 0.995
    assert many.at(0.9) > 0.9999


def test_a_clean_cut_is_found():
    scores = [index / 200 for index in range(200)]
    curve = fit(scores, [score >= 0.5 for score in scores])
    assert curve.at(0.2) < 0.01
    assert curve.at(0.8) > 0.99


def test_scores_that_say_nothing_give_the_share_of_right_values():
    scores = [index / 100 for index in range(100)]
    curve = fit(scores, [score < 0.5 for score in scores])
    assert curve.at(0.0) == curve.at(1.0) == pytest.approx(0.5)


def test_too_few_labels_are_refused():
    with pytest.raises(UsageError, match="50 labelled values or more; these are 49"):
        fit([0.5] * 49, [True] * 49)


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"version": 2, "knots": [[0, 0]], "num_cases": 1, "num_right": 1},
        {"version": 1, "knots": [], "num_cases": 1, "num_right": 1},
        {"version": 1, "knots": [0.5], "num_cases": 1, "num_right": 1},
        {"version": 1, "knots": [[0.5, 0.5], [0.4, 0.6]], "num_cases": 1, "num_right": 1},
        {"version": 1, "knots": [[0.4, 0.6], [0.5, 0.5]], "num_cases": 1, "num_right": 1},
        {"version": 1, "knots": [[0.5, 1.5]], "num_cases": 1, "num_right": 1},
    ],
)
def test_what_is_no_curve_is_refused(tree):
    with pytest.raises(UsageError):
        Curve.from_json(tree)
