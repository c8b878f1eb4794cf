"""The confidence model: signals, weights, and fitting them to labelled values."""

from __future__ import annotations

import io
import json
import math
import random
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.pdfs import write_invoices

from docextract.batch.runner import run_batch
from docextract.cli.progress.reporters import QuietReporter
from docextract.core import (
    Box,
    Check,
    Evidence,
    FieldStatus,
    Match,
    Outcome,
    RunOptions,
    UsageError,
    WordSource,
)
from docextract.evaluation.fitting import Sample, balanced, fit_weights
from docextract.evaluation.judging.given import Claim
from docextract.normalise.reading import certain, doubtful
from docextract.schema import Field, FieldType, Kind
from docextract.schema.loading import load_schema
from docextract.verify.confidence.record_signals import RECORD_AGAINST, RECORD_FOR, record_signals
from docextract.verify.confidence.value_signals import AGAINST, FOR, signals_of
from docextract.verify.confidence.weights import (
    Calibration,
    Weights,
    load_calibration,
    shipped_calibration,
)
from docextract.verify.status.field_status import assess_fields
from docextract.verify.value import Disagreement, FieldValue, FieldValues, Grounded

PLACES = st.builds(
    Grounded,
    st.builds(
        Evidence,
        st.just(1),
        st.just(Box(0, 0, 1, 1)),
        st.just("x"),
        st.sampled_from(sorted(set(Match) - {Match.NONE})),
        st.sampled_from(WordSource),
    ),
    st.floats(0, 1),
    st.floats(0, 1),
)
FAILED = [Check("sum", Outcome.FAILED, ("a", "b")), Check("date", Outcome.FAILED, ("a",))]
VALUES = st.builds(
    FieldValue,
    path=st.sampled_from(["a", "rows[0].a"]),
    field=st.sampled_from(Kind).map(lambda kind: Field("a", kind, FieldType(kind).comparison)),
    value=st.text(min_size=1, max_size=200),
    reading=st.sampled_from([certain("x"), doubtful(("x", "y"), "either")]),
    probability=st.none() | st.floats(0, 1),
    second_odds=st.none() | st.floats(-3, 3),
    disagreement=st.none() | st.just(Disagreement("a", "x", "y")),
    grounded=st.lists(PLACES, max_size=1).map(tuple),
    checks=st.lists(st.sampled_from(FAILED)).map(tuple),
    is_proved=st.booleans(),
)

NONE = Weights({})


@given(VALUES)
def test_every_score_is_a_probability(value):
    assert 0 < shipped_calibration().of_value(signals_of(value)) < 1


@given(VALUES, st.floats(0, 1), st.floats(0, 1))
def test_an_engine_that_is_surer_never_lowers_the_score(value, first, second):
    low, high = (replace(value, probability=known) for known in sorted((first, second)))
    fitted = shipped_calibration()
    assert fitted.of_value(signals_of(low)) <= fitted.of_value(signals_of(high))


@given(VALUES, st.floats(-3, 3), st.floats(-3, 3))
def test_better_odds_of_a_second_reading_never_lower_the_score(value, first, second):
    low, high = (replace(value, second_odds=odds) for odds in sorted((first, second)))
    fitted = shipped_calibration()
    assert fitted.of_value(signals_of(low)) <= fitted.of_value(signals_of(high))


@given(VALUES)
def test_a_signal_speaks_for_or_against_or_tells_what_kind_of_value_it_is(value):
    known = FOR | AGAINST | {"bias", "in_list", "ocr"}
    assert all(name in known or name.startswith("kind_") for name in signals_of(value))


def test_shipped_weights_speak_the_way_their_signals_do():
    shipped = shipped_calibration()
    for weights, speak_for, speak_against in (
        (shipped.values.by_signal, FOR, AGAINST),
        (shipped.records.by_signal, RECORD_FOR, RECORD_AGAINST),
    ):
        assert all(weights.get(name, 0) >= 0 for name in speak_for)
        assert all(weights.get(name, 0) <= 0 for name in speak_against)


def samples_of(truth: dict[str, float], num: int) -> list[Sample]:
    """Return values whose outcomes follow known weights."""
    chance = random.Random(7)
    samples = []
    for _ in range(num):
        signals = {"bias": 1.0, "probability": chance.uniform(-3, 3)}
        if chance.random() < 0.3:
            signals["ambiguous"] = 1.0
        total = sum(truth[name] * value for name, value in signals.items())
        samples.append(Sample(signals, chance.random() < 1 / (1 + math.exp(-total))))
    return samples


def test_known_weights_are_found_again():
    truth = {"bias": 0.5, "probability": 1.2, "ambiguous": -2.0}
    found = fit_weights(samples_of(truth, 4000), Weights({}), 1.0).by_signal
    assert all(abs(found[name] - weight) < 0.25 for name, weight in truth.items())


def test_few_samples_stay_close_to_the_weights_before():
    prior = Weights({"bias": 0.5, "probability": 1.2, "ambiguous": -2.0})
    other = samples_of({"bias": -3.0, "probability": 0.0, "ambiguous": 0.0}, 60)
    near = fit_weights(other, prior, 100.0).by_signal
    far = fit_weights(other, prior, 0.1).by_signal
    assert abs(near["bias"] - 0.5) < abs(far["bias"] - 0.5)


def test_a_signal_never_speaks_against_its_meaning():
    odd = [Sample({"bias": 1.0, "ambiguous": 1.0}, True) for _ in range(40)]
    odd += [Sample({"bias": 1.0}, False) for _ in range(40)]
    assert "ambiguous" not in fit_weights(odd, Weights({}), 1.0).by_signal


def test_a_source_of_many_values_counts_as_their_square_root():
    few, many = [Sample({"bias": 1.0}, True)] * 4, [Sample({"bias": 1.0}, False)] * 100
    found = balanced([few, many])
    assert sum(sample.weight for sample in found) == pytest.approx(104)
    assert sum(s.weight for s in found if s.is_right) == pytest.approx(104 * 2 / 12)


def test_a_record_is_no_surer_than_its_values():
    def confidence(*values: float) -> float:
        claims = {
            f"field_{i}": Claim(FieldStatus.VERIFIED, value, {"kind_name": 1.0})
            for i, value in enumerate(values)
        }
        return shipped_calibration().of_record(record_signals(claims))

    assert confidence(0.99, 0.99) > confidence(0.99, 0.9) > confidence(0.9, 0.9, 0.5)


def test_too_few_labels_teach_nothing():
    with pytest.raises(UsageError, match="needs 50 labelled values"):
        fit_weights([Sample({"bias": 1.0}, True)] * 49, Weights({}), 1.0)


def test_all_right_is_no_certainty():
    found = fit_weights([Sample({"bias": 1.0}, True)] * 50, Weights({}), 1.0)
    assert 0.9 < 1 / (1 + math.exp(-found.by_signal["bias"])) < 0.999


def test_weights_survive_their_file():
    fitted = Calibration(
        Weights({"bias": 1.5, "probability": 0.25}, 60, 50),
        Weights({"in_list": 0.5}, 70, 60),
        Weights({"bias": 2.0}, 9, 8),
        0.9,
    )
    assert Calibration.from_json(json.dumps(fitted.to_json())) == fitted


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"version": 1, "num_values": 1, "num_right": 1, "weights": {"bias": 1.0}}',
     '{"version": 3, "ok_at": 0.9, "values": {"num": 1, "num_right": 1, "weights": {}}}',
     json.dumps(Calibration(Weights({"bias": math.nan}), NONE, NONE, 0.9).to_json()),
     json.dumps(Calibration(NONE, NONE, NONE, 0.9).to_json()).replace("0.9", '"much"')],
)  # fmt: skip
def test_what_is_no_calibration_is_refused(text):
    with pytest.raises(UsageError, match="no calibration"):
        Calibration.from_json(text)


def records_of(folder: Path, calibration: Path | None) -> dict[str, Any]:
    """Return the only record of a run."""
    options = RunOptions((str(folder / "in"),), "invoice", None, "text", calibration=calibration)
    stdout = io.BytesIO()
    run_batch(options, QuietReporter(sys.stderr), stdout=stdout)
    (line,) = stdout.getvalue().splitlines()
    record: dict[str, Any] = json.loads(line)
    return record


def test_a_calibration_changes_the_confidence_and_no_value(tmp_path):
    write_invoices(tmp_path / "in", 1)
    own = tmp_path / "own.json"
    fitted = replace(shipped_calibration(), values=Weights({"bias": -5.0}, 60, 30))
    own.write_text(json.dumps(fitted.to_json()))
    plain, doubted = records_of(tmp_path, None), records_of(tmp_path, own)
    assert doubted["values"] == plain["values"]
    assert doubted["fingerprint"] != plain["fingerprint"]
    assert doubted["fields"]["totals.gross"]["confidence"] < 0.01
    assert doubted["fields"]["totals.gross"]["status"] == "consistent"
    assert plain["fields"]["totals.gross"]["status"] == "verified"


def test_a_calibration_that_cannot_be_read_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        load_calibration(tmp_path)


def test_a_calibration_says_whose_answers_it_was_fitted_to():
    calibration = Calibration(Weights({"bias": 1.0}, 60, 50), NONE, NONE, 0.9, "server")
    assert Calibration.from_json(json.dumps(calibration.to_json())) == calibration
    assert "engine" not in replace(calibration, engine="text").to_json()


def test_two_readers_that_agree_speak_for_a_value():
    weights = Weights({"bias": 0.5})
    assert weights.score({"bias": 1.0, "agreed": 1.0}) > weights.score({"bias": 1.0})


def _guessed(
    odds: float | None,
    source: WordSource,
    match: Match = Match.EXACT,
    name: str = "Solveig Brekke",
) -> FieldValue:
    """Return a name at a place that merely does not speak against it."""
    evidence = Evidence(1, Box(0, 0, 1, 1), name, match, source)
    field = Field("seller.name", Kind.NAME, FieldType(Kind.NAME).comparison)
    return FieldValue(
        "seller.name", field, name, certain(name),
        probability=0.5, second_odds=odds, grounded=(Grounded(evidence, 0.5),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (_guessed(4.5, WordSource.TEXT_LAYER), FieldStatus.VERIFIED),
        (_guessed(0.3, WordSource.TEXT_LAYER), FieldStatus.UNVERIFIED),
        (_guessed(-1.0, WordSource.TEXT_LAYER), FieldStatus.UNVERIFIED),
        (_guessed(None, WordSource.TEXT_LAYER), FieldStatus.UNVERIFIED),
        # Large print of a photograph is misread by a sure OCR.
        (_guessed(4.5, WordSource.OCR), FieldStatus.UNVERIFIED),
        (_guessed(4.5, WordSource.TEXT_LAYER, Match.FUZZY), FieldStatus.UNVERIFIED),
        (_guessed(4.5, WordSource.TEXT_LAYER, name="Restaurant"), FieldStatus.UNVERIFIED),
    ],
)
def test_a_name_that_merely_may_stand_there_needs_a_second_reading_that_is_sure(value, status):
    values = FieldValues(load_schema("invoice"), [value])
    assert assess_fields(values, shipped_calibration())["seller.name"].status is status
