"""Work that strangers can make long ends, wherever it is when its time is over."""

from __future__ import annotations

import itertools
import time

import pytest

from docextract.workers import Stop
from docextract.workers.signals import OutOfTimeError


class _Busy:
    """Works past its alarm while it is thrown away, where Python swallows what is raised."""

    def __del__(self):
        end = time.process_time() + 5
        while time.process_time() < end:
            pass


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_alarm_that_python_swallowed_comes_again():
    with pytest.raises(OutOfTimeError), Stop().bounded(0.05):
        _Busy()
        for _ in itertools.count():
            pass
