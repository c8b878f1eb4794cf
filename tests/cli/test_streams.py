"""stderr made safe: what becomes of it when the real one is gone."""

from __future__ import annotations

import io
import sys

from docextract.cli.output.streams import error_stream


def test_it_is_collected_quietly_after_stderr_was_closed(monkeypatch):
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    stream = error_stream()
    stderr.close()
    # As Python does with what it collects; from 3.13 on it reports what that raises.
    stream.close()


def test_it_leaves_stderr_open(monkeypatch):
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    error_stream().close()
    assert not stderr.closed
