"""The time left is what the speed so far says, and nothing where that is no guide any more."""

from __future__ import annotations

from support.sample_records import document, record

from docextract.cli.progress.time_left import Watch


class Clock:
    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


def test_a_last_file_that_takes_longer_than_the_rest_is_not_said_to_be_done_at_once():
    clock = Clock()
    watch = Watch(clock)
    watch.found(1001, True)
    assert watch.seconds_left is None
    for number in range(1000):
        clock.now_s += 0.25
        watch.finished(record(document(f"{number}.pdf")), 1)
        assert watch.seconds_left == (1000 - number) * 0.25
    clock.now_s += 0.125
    assert "s left" in watch.line()
    clock.now_s += 200.0
    assert watch.seconds_left is None
    assert "left" not in watch.line()
    watch.finished(record(document("large.tif")), 300)
    assert watch.seconds_left == 0.0
