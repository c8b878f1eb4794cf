"""The one loop over jobs: who is told what, when work is done, and how it is left."""

from __future__ import annotations

import signal

import pytest
from support.played_runners import Played

from docextract.core import Reason, SetupError
from docextract.workers import (
    EventSink,
    Failed,
    Finished,
    Interrupted,
    Job,
    Message,
    Stop,
    Tick,
    drive,
)

FAILED = Failed("b", Reason.TIMEOUT, "Too slow.")
EVENTS = (Message("a", 1), Tick(), FAILED, Finished("a"))


class Noting(EventSink):
    """Notes all it is told."""

    def __init__(self):
        self.told = []

    def message(self, key, payload):
        self.told.append(("message", key, payload))

    def finished(self, key):
        self.told.append(("finished", key))

    def failed(self, event):
        self.told.append(("failed", event))

    def tick(self):
        self.told.append("tick")

    def work(self):
        self.told.append("work")

    def all_ended(self):
        self.told.append("all ended")


def test_each_event_is_told_and_followed_by_work():
    sink = Noting()
    drive(Played(*EVENTS), [], sink)
    told = [("message", "a", 1), "tick", ("failed", FAILED), ("finished", "a")]
    assert sink.told == [*(item for one in told for item in (one, "work")), "all ended"]


def test_a_sink_hears_only_what_it_wants_to():
    drive(Played(*EVENTS), [], EventSink())


def test_a_signal_ends_it_after_the_event_in_which_it_came():
    sink, stop = Noting(), Stop()
    runner = Played(Message("a", 1), lambda: stop.note("SIGTERM"), Message("a", 2), Tick())
    drive(runner, [], sink, stop)
    assert sink.told == [("message", "a", 1), "work", ("message", "a", 2)]
    assert runner.is_left


def test_a_limit_that_is_no_signal_ends_nothing():
    sink, stop = Noting(), Stop()
    stop.reason = "deadline"
    drive(Played(Tick()), [], sink, stop)
    assert sink.told[-1] == "all ended"


@pytest.mark.parametrize("moment", ["message", "work", "all_ended"])
def test_work_that_a_signal_interrupts_ends_it_quietly(moment):
    class Interrupting(EventSink):
        """Interrupted in one of its methods."""

    def interrupt(*_):
        raise Interrupted

    setattr(Interrupting, moment, interrupt)
    runner = Played(Message("a", 1), Tick())
    drive(runner, [], Interrupting(), Stop())
    assert runner.is_left


def test_what_a_sink_raises_leaves_the_jobs():
    class Refusing(EventSink):
        def message(self, key, payload):
            raise ValueError(payload)

    runner = Played(Message("a", 1), Message("a", 2))
    with pytest.raises(ValueError, match="1"):
        drive(runner, [], Refusing())
    assert runner.is_left


def test_where_nothing_can_run_is_an_error_and_not_all_ended():
    sink = Noting()
    with pytest.raises(SetupError):
        drive(Played(Tick(), SetupError("no cluster")), [], sink)
    assert sink.told == ["tick", "work"]


def test_the_runner_is_hurried_while_there_is_work():
    class Working(EventSink):
        num_left = 2

        @property
        def is_busy(self):
            return self.num_left > 0

        def work(self):
            self.num_left -= 1

    runner = Played(Tick(), Tick(), Tick())
    drive(runner, [], Working())
    assert runner.hurries == [True, True, False]


def test_jobs_are_pulled_by_the_runner():
    pulled = []

    def jobs():
        for number in range(3):
            pulled.append(number)
            yield Job("no:where", (), number)

    drive(Played(), jobs(), EventSink())
    assert pulled == [0, 1, 2]


def test_a_signal_that_was_noted_before_ends_it_at_once():
    sink, stop = Noting(), Stop()
    stop.note(signal.SIGINT.name)
    drive(Played(Tick(), Tick()), [], sink, stop)
    assert sink.told == ["tick"]
