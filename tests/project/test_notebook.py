"""The notebook of the docs runs from top to bottom and prints what it shows."""

from __future__ import annotations

import contextlib
import io
import json
import re

CONFIDENCE = re.compile(r"\b[01]\.\d\d(?=  page)")


def test_the_notebook_prints_what_it_shows(root, monkeypatch):
    monkeypatch.chdir(root / "docs")
    notebook = json.loads((root / "docs/first-steps.ipynb").read_text("utf-8"))
    scope = {"__name__": "notebook"}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                exec(compile("".join(cell["source"]), "cell", "exec", dont_inherit=True), scope)
            shown = "".join(text for output in cell["outputs"] for text in output["text"])
            assert CONFIDENCE.sub("…", printed.getvalue()) == CONFIDENCE.sub("…", shown)
