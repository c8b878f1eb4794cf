"""What README and docs say is true: their commands run, their tables are complete."""

from __future__ import annotations

import doctest
import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.processes import docextract

from docextract.core import EXIT_MEANING, HINTS, Reason
from docextract.schema.equations import (
    EQUATIONS,
    INVOICE,
    PRINTED,
    RECEIPT,
    STATEMENT,
    Product,
    RunningSum,
    Share,
    Sum,
)
from docextract.verify.checks import RULES

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NOT_RUN = ("pip install", "git clone", "python -m venv", "make ", "crontab", "python benchmarks")
NEED_A_MODEL = ("--engine llava", "docextract train", "slip-model")

MORE_SCANS = (
    "boulangerie.jpg", "bouwhal.webp", "silver-spoon-diner.jpg", "castellani.tif",
    "dupre.pdf", "fernblick.pdf", "oakridge.jpg",
)  # fmt: skip
"""OCR takes seconds for each; that commands run shows with those that are left as well."""


def blocks(language):
    for page in PAGES:
        for found in re.finditer(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            yield page.name, found[1]


def commands():
    for page, text in blocks("console"):
        for line in text.replace("\\\n", " ").splitlines():
            if line.startswith("$ ") and not line[2:].startswith(NOT_RUN):
                needs_model = any(part in line for part in NEED_A_MODEL)
                marks = [pytest.mark.model] if needs_model else []
                yield pytest.param(line[2:], id=f"{page}: {line[2:60]}", marks=marks)


@pytest.fixture(scope="module")
def playground(tmp_path_factory):
    """A folder that looks like the checkout; commands of one page build on one another."""
    folder = tmp_path_factory.mktemp("docs")
    for name in ("schemas", "tests"):
        (folder / name).symlink_to(ROOT / name)
    left_out = shutil.ignore_patterns("drawing", *MORE_SCANS)
    shutil.copytree(ROOT / "fixtures", folder / "fixtures", ignore=left_out)
    return folder


PLAIN = re.compile(r"docextract [^|<>&;$*`~?#]+")
"""What a shell adds nothing to; in this process it costs a fifth of what it costs in its own."""


@pytest.mark.parametrize("command", list(commands()))
def test_command_runs(command, playground, request):
    if request.node.get_closest_marker("model"):
        request.getfixturevalue("reader")  # torch in one thread
    run = in_this_process if PLAIN.fullmatch(command) else in_a_shell
    # Some commands show failures on purpose.
    assert run(command, playground) in (0, 5, 6)


def in_this_process(command, folder):
    done = docextract(*shlex.split(command)[1:], cwd=folder)
    print(done.stdout, done.stderr)
    return done.returncode


def in_a_shell(command, folder):
    programs = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "NO_COLOR": "1"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True
    )
    print(done.stdout, done.stderr)
    return done.returncode


@pytest.mark.parametrize(("page", "text"), list(blocks("python")))
def test_python_example_runs(page, text):
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "module", ["docextract.api.extractor", "docextract.schema.types", "docextract.schema.kinds"]
)
def test_docstring_examples_run(module, monkeypatch):
    monkeypatch.chdir(ROOT)
    # Without the module's own globals, as in a user's session.
    result = doctest.testmod(importlib.import_module(module), globs={"__name__": "__main__"})
    assert result.attempted
    assert result.failed == 0


def test_every_exit_code_is_in_the_readme():
    rows = dict(re.findall(r"^\| (\d+) \| (.+?) \|$", PAGES[0].read_text("utf-8"), re.MULTILINE))
    assert {int(code): meaning for code, meaning in rows.items()} == {
        int(code): meaning for code, meaning in EXIT_MEANING.items()
    }


def test_every_reason_is_explained():
    text = (ROOT / "docs/errors.md").read_text("utf-8")
    rows = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert rows == {reason.value for reason in Reason} == {reason.value for reason in HINTS}


def test_the_page_of_costs_holds_what_the_benchmark_computes():
    done = subprocess.run(
        [sys.executable, "benchmarks/scale_costs.py"], cwd=ROOT, capture_output=True, text=True
    )
    text = (ROOT / "docs/scale.md").read_text("utf-8")
    tables = done.stdout.strip().split("\n\n")
    assert len(tables) == 4, done.stderr
    assert [table for table in tables if table not in text] == []


def test_links_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\((?!http|#)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_check_is_in_the_table_as_the_code_has_it():
    text = (ROOT / "docs/checks.md").read_text("utf-8")
    rows = [tuple(cell.strip() for cell in row.split("|")[1:-1]) for row in text.splitlines()
            if row.count("|") == 7 and not row.startswith(("| id ", "|-"))]  # fmt: skip
    assert rows == [_described(rule) for rule in RULES]


def _described(rule):
    """Return a rule as a row of docs/checks.md."""
    fields = [*(f"`{path}`" for path in rule.paths), *(f"every {kind}" for kind in rule.kinds)]
    proof = "yes" if rule.is_proof else "–"
    return (
        rule.id, rule.holds, rule.tolerance or "–", ", ".join(fields), proof, rule.repair or "–",
    )  # fmt: skip


DOCUMENTS = {"invoice": INVOICE, "receipt": RECEIPT, "statement": STATEMENT}


def test_every_equation_and_its_amounts_are_in_the_tables_as_the_code_has_them():
    text = (ROOT / "docs/equations.md").read_text("utf-8")
    rows = [tuple(cell.strip() for cell in row.split("|")[1:-1]) for row in text.splitlines()
            if row.startswith("| ") and not row.startswith(("| id ", "| amount "))]  # fmt: skip
    assert rows == [*equation_rows(), *place_rows()]


def equation_rows():
    """Yield the rows of docs/equations.md: one for each way to calculate an amount."""
    for item in EQUATIONS:
        kind = next(name for name, places in DOCUMENTS.items() if places is item.places)
        for calculated, is_checked, read in _ways(item):
            checked = "yes" if is_checked else "–"
            yield (item.id, kind, f"`{item.result}`", f"`{calculated}`", checked, read)


def _ways(item):
    if isinstance(item, Sum):
        for way in item.ways:
            read = _read(item, way) if way.is_read else "–"
            yield way.text.replace("|", " or "), way.is_checked, read
    elif isinstance(item, Product):
        product = " x ".join(item.factors)
        yield f"{product} - {item.discount}?", True, f"`{product}`"
    elif isinstance(item, Share):
        yield f"{item.base} x {item.rate} / 100", True, f"`{item.base} x {item.rate} / 100`"
    elif isinstance(item, RunningSum):
        yield f"{item.result} before + {item.added}? - {item.taken}?", True, "–"


def _read(item, way):
    """Return how the text engine reads a way: the sum of the equation that the way is."""
    read = [other for other in item.ways if other.is_read]
    sums = [printed for printed in PRINTED if printed.id == item.id]
    terms = sums[read.index(way)].terms
    signed = " ".join(f"{'-' if sign < 0 else '+'} {name}" for sign, name in terms)
    return f"`{signed.removeprefix('+ ')}`"


def place_rows():
    """Yield the rows of docs/equations.md that say which field an amount is."""
    for name in dict.fromkeys(name for places in DOCUMENTS.values() for name in places):
        paths = (places.get(name) for places in DOCUMENTS.values())
        yield (f"`{name}`", *(f"`{path}`" if path else "–" for path in paths))
