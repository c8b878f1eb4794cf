"""Ranges have two ends, and lock, table and adapters say the same as pyproject.toml."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ranges():
    sys.path.insert(0, str(ROOT / "constraints"))
    yield importlib.import_module("ranges")
    sys.path.pop(0)


@pytest.fixture(scope="module")
def locked(ranges):
    return importlib.import_module("lock").pins()


def requirements(ranges):
    return [Requirement(one) for one in ranges.requirements()]


def test_every_range_has_two_ends_and_holds_the_tested_version(ranges, locked):
    for one in requirements(ranges):
        assert {part.operator for part in one.specifier} == {">=", "<"}, one
        assert one.specifier.contains(locked[one.name]), one


def test_the_table_tells_each_range_and_the_newest_tested(ranges, locked):
    text = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in text.splitlines()
            if row.startswith("| ") and row.count("|") == 7]  # fmt: skip
    told = {row[0]: (row[4], row[5]) for row in rows[1:]}
    ends = {one.split(";")[0] for one in ranges.requirements()}
    assert told == {
        name: (end.removeprefix(name), locked[name])
        for end in ends
        for name in (ranges.name_of(end),)
    }


def test_the_lowest_and_the_unbounded_are_made_of_the_ranges(ranges):
    lowest = {one.name: one for one in map(Requirement, ranges.lowest())}
    unbounded = {one.name: one for one in map(Requirement, ranges.unbounded("torch"))}
    for one in requirements(ranges):
        ends = {part.operator: part.version for part in one.specifier}
        assert str(unbounded[one.name].specifier) in (f">={ends['>=']}", str(one.specifier))
        assert (str(unbounded[one.name].specifier) == str(one.specifier)) == (one.name == "torch")
        if one.name in lowest:
            assert str(lowest[one.name].specifier) == f"=={ends['>=']}"
            assert lowest[one.name].marker == one.marker
    assert set(unbounded) - set(lowest) == {"torch", "mypy", "ruff", "types-requests"}


def test_without_torch_nothing_that_needs_it_is_asked_for(ranges):
    names = {ranges.name_of(one) for one in ranges.text()}
    assert {"rapidocr", "pypdfium2", "pytest"} < names
    assert not names & {"torch", "transformers", "accelerate", "bitsandbytes", "peft"}


def test_the_lock_names_versions_and_no_place():
    text = (ROOT / "constraints" / "newest.txt").read_text("utf-8")
    rows = [row for row in text.splitlines() if not row.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.!]+", row) for row in rows)
    assert "://" not in text


@pytest.mark.parametrize("library", ["torch", "transformers", "rapidocr", "reportlab"])
def test_adapters_were_proved_on_what_the_ranges_allow(ranges, locked, library):
    (one,) = (one for one in requirements(ranges) if one.name == library)
    oldest = next(part.version for part in one.specifier if part.operator == ">=")
    newest = ".".join(locked[library].split(".")[:2])
    proved = [
        found[1]
        for folder in ("docextract", "fixtures", "tests")
        for path in (ROOT / folder).rglob("*.py")
        for found in re.finditer(
            rf"\b{library}\s+(\d[\d.]*\d(?:\s+to\s+[\d.]*\d)?)",
            path.read_text("utf-8").partition("Proved on")[2].partition('"""')[0],
        )
    ]
    assert proved
    assert {" ".join(span.split()) for span in proved} <= {f"{oldest} to {newest}", newest}


class Played:
    """An environment whose tests fail by one package's newest version."""

    def __init__(self, newest, culprit, tests):
        self._newest, self._culprit, self._tests = newest, culprit, tests
        self._installed = dict(newest)

    def versions(self):
        return self._installed

    def install(self, *arguments):
        name, version = arguments[-1].split("==")
        self._installed = {**self._installed, name: version}

    def failing_tests(self, only=()):
        is_broken = self._installed[self._culprit] == self._newest[self._culprit]
        return [test for test in self._tests if test in only] if is_broken else []


def test_what_breaks_is_told_by_package(ranges, locked, capsys):
    newest = importlib.import_module("newest")
    versions = {**locked, "transformers": "99.0", "rich": "98.0"}
    failed = ["tests/engine/llava/test_llava.py::test_a"]
    environment = Played(versions, "transformers", failed)
    moved = newest.moved_packages(environment)
    assert moved == {name: (locked[name], versions[name]) for name in ("rich", "transformers")}
    blamed = {name: newest.broken_by(environment, name, failed) for name in moved}
    assert environment.versions() == versions
    newest.tell(moved, [*failed, "tests/cli/test_cli.py::test_b"], blamed)
    assert capsys.readouterr().out.splitlines() == [
        f"rich {locked['rich']} -> 98.0: breaks nothing alone",
        f"transformers {locked['transformers']} -> 99.0: breaks 1",
        "    tests/engine/llava/test_llava.py::test_a",
        "fails by no package alone: tests/cli/test_cli.py::test_b",
        "2 tests fail, 2 packages moved since the lock",
    ]


def test_all_that_comes_along_is_listed_with_its_licence(ranges):
    sbom = importlib.import_module("sbom")
    found = sbom.brought_along()
    listed = {one["name"]: one for one in sbom.bom(found)["components"]}
    here = {one.name for one in requirements(ranges) if not one.marker or one.marker.evaluate()}
    own = {name for name in here if name in found}
    assert {"pydantic", "typer", "pillow", "pypdfium2"} <= own
    assert "pydantic-core" in listed, "what they bring along stands there too"
    for name, one in listed.items():
        assert one["purl"] == f"pkg:pypi/{name}@{found[name].version}"
        assert one["licenses"][0]["license"]["name"] != "not stated", name
    assert sbom.refused(found) == []


@pytest.mark.parametrize(
    ("told", "is_refused"),
    [
        ("GNU Affero General Public License v3", True),
        ("AGPL-3.0-or-later", True),
        ("GPL-3.0-only", True),
        ("GNU General Public License v3 (GPLv3)", True),
        ("GNU Lesser General Public License v2 or later (LGPLv2+)", False),
        ("LGPL-2.1-or-later", False),
        ("MIT", False),
    ],
)
def test_a_licence_that_asks_something_of_the_output_is_refused(ranges, told, is_refused):
    sbom = importlib.import_module("sbom")
    assert bool(sbom.NOT_TAKEN.search(told)) is is_refused
