"""How much goes straight through under a threshold, how much of it is wrong, and which to take."""

from __future__ import annotations

from docextract.core import RecordStatus
from docextract.evaluation.judging.given import Given
from docextract.evaluation.judging.verdicts import DocumentScore, Judgement, Verdict
from docextract.evaluation.reporting.straight_through import StraightThrough, advice, chosen

DOUBT = "All values together are right with a probability of 60 % only."


def scored(confidence, is_right=True, reasons=(), status=RecordStatus.REVIEW):
    verdict = Verdict.RIGHT if is_right else Verdict.WRONG
    given = Given("a", "0", "s", "1", status, {}, {}, False, "text", confidence, tuple(reasons))
    return DocumentScore("a", given, (Judgement("total", verdict, "1", "1", None),))


DOCUMENTS = [
    scored(0.95, status=RecordStatus.OK),
    scored(0.9, status=RecordStatus.OK),
    scored(0.8, is_right=False, status=RecordStatus.OK),
    scored(0.6, reasons=[DOUBT]),
    scored(0.99, reasons=["Not found: total."]),
    DocumentScore("b", None, ()),
]
CURVE = StraightThrough.of(DOCUMENTS)


def figures(step):
    return step.ok_at, step.through, step.wrong


def test_each_threshold_says_what_goes_through_and_what_of_it_is_wrong():
    assert [figures(step) for step in CURVE.steps] == [
        (0.95, (1, 5), (0, 1)),
        (0.9, (2, 5), (0, 2)),
        (0.8, (3, 5), (1, 3)),
        (0.6, (4, 5), (1, 4)),
    ]


def test_what_is_held_back_for_another_reason_never_goes_through():
    assert CURVE.at(0.97) is None
    lowest = CURVE.at(0.0)
    assert lowest is not None
    assert lowest.through == (4, 5)
    assert [step.ok_at for step in chosen(CURVE, (0.5, 0.85, 0.97))] == [0.5, 0.85]


def test_the_lowest_threshold_that_keeps_to_a_wanted_error():
    found = [CURVE.within(wanted) for wanted in (0.02, 0.25)]
    assert [step and step.ok_at for step in found] == [0.9, 0.6]
    assert "for at most 2.0% wrong: --ok-at 0.900, which lets 2 of 5" in advice(CURVE, 0.02)


def test_where_even_the_surest_are_wrong_no_threshold_is_named():
    curve = StraightThrough.of([scored(0.9, is_right=False, status=RecordStatus.OK)])
    assert curve.within(0.02) is None
    assert "no --ok-at keeps to 2.0% wrong" in advice(curve, 0.02)


def test_documents_of_equal_confidence_go_through_together():
    curve = StraightThrough.of([scored(0.9, reasons=[DOUBT]), scored(0.9, False, [DOUBT])])
    assert [figures(step) for step in curve.steps] == [(0.9, (2, 2), (1, 2))]
