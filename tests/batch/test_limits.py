"""A run ends at its limits, whatever people and summer time do to the clock."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from docextract.batch.limits import Limits, parse_deadline
from docextract.core import MaxFailures, OptionError, RunOptions
from docextract.store.run_summary import Tally

CENTRAL_EUROPE = "CET-1CEST,M3.5.0,M10.5.0/3"  # as POSIX has it, so that no tz database is needed


@pytest.fixture
def zone(monkeypatch):
    def choose(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield choose
    monkeypatch.undo()
    time.tzset()


def utc(year, month, day, *parts):
    return dt.datetime(year, month, day, *parts).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "now", "deadline"),
    [
        ("06:30", utc(2026, 1, 31, 21), utc(2026, 2, 1, 5, 30)),
        ("23:00", utc(2026, 1, 31, 21), utc(2026, 1, 31, 22)),
        ("06:00", utc(2026, 1, 31, 5), utc(2026, 2, 1, 5)),  # begun on the dot: a day later
        ("2026-02-02T01:00", utc(2026, 1, 1), utc(2026, 2, 2, 0)),
        ("2026-02-02T01:00+00:00", utc(2026, 1, 1), utc(2026, 2, 2, 1)),
        ("06:00", utc(2026, 3, 28, 21), utc(2026, 3, 29, 4)),  # summer time begins in the night
        ("06:00", utc(2026, 10, 24, 20), utc(2026, 10, 25, 5)),  # and ends
        ("02:30", utc(2026, 3, 28, 21), utc(2026, 3, 29, 1, 30)),  # a time the clock never shows
        ("02:30", utc(2026, 10, 24, 20), utc(2026, 10, 25, 0, 30)),  # one that it shows twice
        ("02:30", utc(2026, 10, 25, 0, 45), utc(2026, 10, 25, 1, 30)),
    ],
)
def test_a_deadline_is_the_next_such_time_or_a_moment(zone, text, now, deadline):
    zone(CENTRAL_EUROPE)
    found = parse_deadline(text, now)
    assert found is not None
    assert found == deadline
    assert found.tzinfo is not None


def test_a_deadline_is_a_time():
    assert parse_deadline(None, utc(2026, 1, 1)) is None
    with pytest.raises(OptionError, match="is no time"):
        parse_deadline("soon", utc(2026, 1, 1))


class Clock:
    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


def limits(monotonic_s=None, wall_s=None, **options):
    run_options = RunOptions(("in",), "invoice", **options)
    return Limits(run_options, monotonic_s or Clock(0.0), wall_s or Clock(0.0))


def test_minutes_do_not_care_for_the_wall_clock():
    monotonic, wall = Clock(1000.0), Clock(1_700_000_000.0)
    found = limits(monotonic, wall, max_minutes=1.5)
    wall.now += 86_400
    assert found.reached(Tally()) == ""
    wall.now -= 10 * 86_400
    monotonic.now += 90
    assert found.reached(Tally()) == "max_minutes"


def test_a_deadline_follows_a_clock_that_is_corrected():
    wall = Clock(utc(2026, 1, 1, 5).timestamp())
    found = limits(wall_s=wall, deadline=utc(2026, 1, 1, 6))
    assert found.reached(Tally()) == ""
    wall.now += 3600
    assert found.reached(Tally()) == "deadline"
    wall.now -= 1
    assert found.reached(Tally()) == ""


def test_a_share_of_failures_needs_twenty_documents():
    found = limits(max_failures=MaxFailures.parse("10%"))
    tally = Tally()
    tally.num_saved, tally.num_failed = 19, 19
    assert found.reached(tally) == ""
    tally.num_saved, tally.num_failed = 20, 2
    assert found.reached(tally) == ""
    tally.num_failed = 3
    assert found.reached(tally) == "max_failures"


def test_a_limit_counts_what_was_begun():
    found = limits(limit=2)
    tally = Tally()
    tally.num_found = 9
    assert found.reached(tally) == ""
    tally.num_begun = 2
    assert found.reached(tally) == "limit"
