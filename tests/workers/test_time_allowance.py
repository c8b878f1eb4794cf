"""Time that a worker did not get is not its document's fault; the clock and CPU time are played."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import pytest

from docextract.core import ReadOptions, Reason
from docextract.workers.processes import activity
from docextract.workers.processes.time_allowance import Allowance

LIMITS = ReadOptions(page_timeout_s=120.0, document_timeout_s=600.0)


class Machine:
    """Gives one worker a share of a core, and looks on once a second."""

    def __init__(self, share: float, *, is_telling: bool = True) -> None:
        self.now_s, self.cpu_s = 1000.0, 3.0
        self.share, self.is_telling = share, is_telling
        self.allowance = Allowance(LIMITS)
        self.allowance.begin(self.now_s, self.told())

    def told(self) -> float | None:
        return self.cpu_s if self.is_telling else None

    def goes_on_for(self, seconds: int) -> bool:
        for _ in range(seconds):
            self.now_s += 1.0
            self.cpu_s += self.share
            if self.allowance.is_used_up(self.now_s, self.told):
                return False
        return True


@pytest.mark.parametrize("share", [0.001, 0.02, 0.5, 1.0])
def test_silence_ends_no_worker_that_works_however_little(share: float) -> None:
    assert Machine(share).goes_on_for(599)


def test_a_worker_that_does_nothing_ends_and_is_interrupted() -> None:
    machine = Machine(0.0)
    assert machine.goes_on_for(119)
    assert not machine.goes_on_for(1)
    failed = machine.allowance.failure("a")
    assert (failed.key, failed.reason) == ("a", Reason.INTERRUPTED)
    assert failed.message.startswith("In 120 s its worker had 0.0 s of a processor")


def test_one_that_worked_and_then_hangs_ends_too() -> None:
    machine = Machine(1.0)
    assert machine.goes_on_for(50)
    machine.share = 0.0
    assert machine.goes_on_for(70 + 119)
    assert not machine.goes_on_for(1)
    assert machine.allowance.failure("a").reason is Reason.INTERRUPTED


def test_what_it_says_counts_the_silence_anew() -> None:
    machine = Machine(0.0)
    assert machine.goes_on_for(119)
    machine.allowance.hear(machine.now_s)
    assert machine.goes_on_for(119)
    machine.allowance.forgive(60.0)
    assert machine.goes_on_for(60)
    assert not machine.goes_on_for(1)


@pytest.mark.parametrize(
    ("share", "reason"),
    [(0.02, Reason.INTERRUPTED), (0.2, Reason.TIMEOUT), (1.0, Reason.TIMEOUT)],
)
def test_the_whole_of_a_document_has_an_end_whatever_it_had(share: float, reason: Reason) -> None:
    machine = Machine(share)
    assert machine.goes_on_for(599)
    assert not machine.goes_on_for(1)
    assert machine.allowance.failure("a").reason is reason


def test_where_the_system_tells_nothing_silence_is_a_timeout() -> None:
    machine = Machine(1.0, is_telling=False)
    assert not machine.goes_on_for(120)
    assert machine.allowance.failure("a").reason is Reason.TIMEOUT


def test_without_a_job_there_is_no_limit() -> None:
    allowance = Allowance(LIMITS)
    assert allowance.deadline == math.inf
    allowance.begin(0.0, 0.0)
    assert allowance.deadline == 120.0
    allowance.end()
    assert allowance.deadline == math.inf


BURN = """
import subprocess, sys, time
if len(sys.argv) > 1:
    while time.process_time() < 0.5:
        pass
    print("burnt", flush=True)
    sys.stdin.read()
else:
    subprocess.run([sys.executable, __file__, "child"])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells of other processes")
def test_what_a_program_does_that_a_process_started_counts(tmp_path) -> None:
    script = tmp_path / "burn.py"
    script.write_text(BURN, encoding="utf-8")
    words = [sys.executable, str(script)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"burnt\n"
        # The system counts in ticks, and cuts off what each process has begun of one.
        assert (activity.cpu_seconds(process.pid) or 0.0) >= 0.25
        process.stdin.close()
    assert activity.cpu_seconds(process.pid) is None
    assert activity.cpu_seconds(os.getpid())
