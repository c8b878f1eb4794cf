"""The next rename is seen while the old name still works: which of our calls are deprecated?

A user's run of the tests does not fail by what libraries warn about among themselves; this fails
by the calls of ours that a library wants written otherwise, and names them all.
"""

from __future__ import annotations

import functools
import logging
import subprocess
import sys
import warnings
from pathlib import Path

from support.blame import Blame

HERE = Path(__file__).parent


def test_no_library_wants_our_calls_written_otherwise(tmp_path):
    done = subprocess.run(
        [sys.executable, HERE.parent / "support/deprecated_calls.py", tmp_path],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == []


def renamed(function):
    """Warn about a keyword as transformers' ``deprecate_kwarg`` does."""

    @functools.wraps(function)
    def wrapped(*args, **options):
        if "past_key_values" in options:
            warnings.warn("`past_key_values` is deprecated", FutureWarning, stacklevel=2)
            options["cache"] = options.pop("past_key_values")
        return function(*args, **options)

    return wrapped


class Layer:
    """Is called as a module of torch is: through a wrapper."""

    def __call__(self, *args, **options):
        return self.forward(*args, **options)

    @renamed
    def forward(self, cache=None):
        return cache


def library_function(layer):
    """Stand for a library's own call of its own deprecated name."""
    return layer(past_key_values=1)


def told_by(call, root=HERE):
    blame = Blame(root)
    with blame.noting("some_library"):
        call()
    return blame.found


def test_a_renamed_keyword_of_a_wrapped_call_is_ours():
    (line,) = told_by(lambda: Layer()(past_key_values=1))
    assert line.startswith("test_deprecations.py:")
    assert line.endswith(": `past_key_values` is deprecated")


def test_a_library_that_calls_its_own_old_name_is_not_ours(tmp_path):
    # The same function, seen as a library's: it lies outside the folder that is ours.
    assert told_by(lambda: library_function(Layer()), tmp_path) == []


def test_what_is_logged_of_deprecations_is_ours_too():
    def from_pretrained(torch_dtype):
        logging.getLogger("some_library").warning("`torch_dtype` is deprecated! Use `dtype`.")

    (line,) = told_by(lambda: from_pretrained("auto"))
    assert "`torch_dtype` is deprecated! Use `dtype`." in line


def test_other_warnings_and_logs_are_none():
    def say():
        warnings.warn("slow", UserWarning, stacklevel=2)
        logging.getLogger("some_library").warning("weights were loaded")

    assert told_by(say) == []
