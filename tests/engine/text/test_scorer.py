"""The scorer weighs named factors by data; nothing in it knows pages."""

from __future__ import annotations

import json

import pytest

from docextract.engine.text.scorer import Scorer, given, shipped_scorer


def scorer(**products: object) -> Scorer:
    tree = {"levels": {"doubted": 0.28}, "doubts": ["worn"], "products": {"print": products}}
    tree |= {"lengths": {}, "sums": {"print": {"bold": 0.3}}, "odds": {"certain": 99, "power": 1}}
    return Scorer.from_json(json.dumps(tree))


def test_factors_multiply_once_for_each_time_they_hold() -> None:
    assert scorer(far=0.5).score([("print.far", 2)]) == 0.25


def test_a_factor_that_does_not_hold_changes_nothing() -> None:
    assert scorer(far=0.5).score([("print.far", False)]) == 1.0


def test_a_doubt_caps_the_score_whatever_else_speaks_for_it() -> None:
    assert scorer(large=0.9).score(given("print.large", "doubt.worn")) == 0.28


def test_a_share_multiplies_by_itself() -> None:
    assert scorer(clean={"scales": 1.0}).score([("print.clean", 0.7)]) == pytest.approx(0.7)


def test_what_agrees_closes_a_share_of_what_is_missing() -> None:
    weights = {"small": 0.6, "sum": {"closes": 0.5}}
    assert scorer(**weights).score(given("print.small", "print.sum")) == pytest.approx(0.8)


def test_factors_that_add_up_are_weighed_on_their_own() -> None:
    assert scorer().total([("print.bold", 2)]) == pytest.approx(0.6)


def test_a_factor_nobody_weighed_is_a_mistake() -> None:
    with pytest.raises(KeyError, match=r"print\.odd"):
        scorer().score(given("print.odd"))


@pytest.mark.parametrize("weight", [0, -1, 11, {"at_most": 2}])
def test_a_weight_that_makes_no_sense_is_refused(weight: object) -> None:
    with pytest.raises(ValueError, match="no weight"):
        scorer(far=weight)


def test_the_odds_of_a_score_fall_with_it() -> None:
    assert scorer().probability(1.0) == pytest.approx(0.99)
    assert scorer().probability(0.5) < 0.985


def test_every_shipped_level_lies_between_nothing_and_certainty() -> None:
    assert all(0 < level < 1 for level in shipped_scorer().levels.values())
