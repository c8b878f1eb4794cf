"""Whether a server can be asked, by asking it.

Knows nothing of documents.
"""

from __future__ import annotations

from docextract.core import BRIEF, ModelOptions, OptionError, SetupError
from docextract.doctor.finding import Finding, Level
from docextract.engine import choose_engine


def server_engine(url: str | None, model: str | None) -> Finding:
    """Return whether the server at an address answers about images.

    Args:
        url: its address, None if none was given.
        model: the served model's name, if there is one.
    """
    if url is None:
        return Finding("engine", Level.BROKEN, "no server was named", "Give its address: --url.")
    try:
        choice = choose_engine("server", None, ModelOptions(model, url=url, patience=BRIEF))
    except (OptionError, SetupError) as error:
        return Finding("engine", Level.BROKEN, str(error), error.hint)
    return Finding("engine", Level.OK, f"{choice.name}, {choice.why}")
