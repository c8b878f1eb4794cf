"""Lists all that docextract brings along, with versions and licences, as CycloneDX (an SBOM).

Knows nothing of what is reachable or known to be bad. Run where it is installed:
``python constraints/sbom.py [--extra parquet] > sbom.cdx.json``; ``--table`` prints name, version
and licence. What is listed is what is installed, reached from ``pyproject.toml`` over the
requirements of each package. A package under a licence that is not taken ends it with 1.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = "docextract"
NOT_TAKEN = re.compile(r"\b(AGPL|Affero|(?<!L)GPL|(?<!Lesser )General Public License)")
"""GPL and AGPL; LGPL is a library's own."""

_CLASSIFIER = "License :: "
_LONGEST_NAME = 80
"""Of a licence; some packages put its whole text there."""


def brought_along(extras: Iterable[str] = ()) -> dict[str, Distribution]:
    """Return every installed package that docextract needs, by its normal name, itself first."""
    found: dict[str, Distribution] = {}
    waiting = [(ROOT, frozenset(extras))]
    while waiting:
        name, wanted = waiting.pop()
        if name in found and not wanted:
            continue
        try:
            found[name] = package = distribution(name)
        except PackageNotFoundError:
            continue  # for another system, or an extra that is not installed
        waiting += [item for item in needs(package, wanted) if item[0] not in found]
    return found


def needs(package: Distribution, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield what a package needs on this machine, with the extras it wants of it."""
    for text in package.requires or ():
        one = Requirement(text)
        holds = [{"extra": extra} for extra in sorted(extras | {""})]
        if one.marker is None or any(map(one.marker.evaluate, holds)):
            yield canonicalize_name(one.name), frozenset(one.extras)


def licence(package: Distribution) -> str:
    """Return the name of a package's licence as it gives it; empty where it gives none."""
    told = package.metadata
    classifiers = told.get_all("Classifier") or ()
    listed = [text.rpartition(" :: ")[2] for text in classifiers if text.startswith(_CLASSIFIER)]
    named = [text for text in listed if text != "OSI Approved"]
    stated = _told(package, "License").splitlines()
    short = stated[0] if stated and len(stated[0]) <= _LONGEST_NAME else ""
    return _told(package, "License-Expression") or " AND ".join(named) or short


def _told(package: Distribution, name: str) -> str:
    found = package.metadata
    return found[name].strip() if name in found else ""


def component(name: str, package: Distribution) -> dict[str, object]:
    """Return a package as CycloneDX 1.6 has it."""
    return {
        "type": "application" if name == ROOT else "library",
        "bom-ref": f"pkg:pypi/{name}@{package.version}",
        "name": name,
        "version": package.version,
        "purl": f"pkg:pypi/{name}@{package.version}",
        "licenses": [{"license": {"name": licence(package) or "not stated"}}],
    }


def bom(found: dict[str, Distribution]) -> dict[str, object]:
    """Return the whole list; the same packages give the same bytes."""
    refs = {name: f"pkg:pypi/{name}@{package.version}" for name, package in found.items()}
    edges = [
        {
            "ref": refs[name],
            "dependsOn": sorted({refs[to] for to, _ in needs(package, frozenset()) if to in refs}),
        }
        for name, package in sorted(found.items())
    ]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": component(ROOT, found[ROOT])},
        "components": [component(*item) for item in sorted(found.items()) if item[0] != ROOT],
        "dependencies": edges,
    }


def refused(found: dict[str, Distribution]) -> list[str]:
    """Return the packages under a licence that is not taken."""
    return [name for name, package in sorted(found.items()) if NOT_TAKEN.search(licence(package))]


def main() -> int:
    """Print the list; return 1 if a licence in it is not taken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--extra", action="append", default=[])
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    found = brought_along(asked.extra)
    if asked.table:
        for name, package in sorted(found.items()):
            print(f"| {name} | {package.version} | {licence(package) or 'not stated'} |")
    else:
        print(json.dumps(bom(found), indent=1))
    for name in refused(found):
        sys.stderr.write(f"{name}: {licence(found[name])} is not taken\n")
    return int(bool(refused(found)))


if __name__ == "__main__":
    sys.exit(main())
