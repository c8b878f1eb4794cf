"""Which documents to review so that they speak for all, and how many that takes.

Knows nothing of what a review finds. Picks are random, but the same number of the same documents
always gives the same.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from docextract.core import FieldStatus, Tree

_Z = 1.96
"""Of a 95 % interval."""
_SURE, _FAIR = 0.95, 0.8
_UNSEEN = 0.5
"""What is expected of a share that nobody has seen anything of: the widest interval."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that may be picked.

    Attributes:
        sha256: hash of its bytes.
        stratum: what kind of document it is: whose layout, and how sure its weakest value is.
    """

    sha256: str
    stratum: str


def candidate_of(tree: Tree) -> Candidate:
    """Return a record as a candidate."""
    header = {path: it for path, it in tree["fields"].items() if "[" not in path}
    present = [it["confidence"] for it in header.values() if it["status"] != FieldStatus.ABSENT]
    weakest = min(present, default=0.0)
    band = "sure" if weakest >= _SURE else "fair" if weakest >= _FAIR else "weak"
    return Candidate(tree["document"]["sha256"], f"{_layout(tree)} {band}")


def _layout(tree: Tree) -> str:
    """Return whose layout a document has, as far as its record tells."""
    values = tree["values"] or {}
    for party in ("seller", "merchant", "bank"):
        known = values.get(party) or {}
        name = (known.get("tax_id") or known.get("name")) if isinstance(known, dict) else None
        if name:
            return "".join(str(name).casefold().split())
    sources = {page.get("word_source") for page in tree["pages"]}
    return f"{tree['document']['media_type']} {sorted(map(str, sources))}"


def pick(candidates: Iterable[Candidate], number: int) -> list[str]:
    """Return so many documents, each stratum by its share, in a random order that stays.

    All stand in one line, stratum by stratum and at random within each, and every k-th is taken
    (systematic sampling; Cochran 1977, 8.2), so that small strata have their share as well.
    """
    strata: dict[str, list[str]] = {}
    for candidate in candidates:
        strata.setdefault(candidate.stratum, []).append(candidate.sha256)
    total = sum(map(len, strata.values()))
    number = min(number, total)
    line = [sha for name in sorted(strata, key=_rank) for sha in sorted(strata[name], key=_rank)]
    chosen = [line[int((index + 0.5) * total / number)] for index in range(number)]
    return sorted(chosen, key=_rank)


def _rank(text: str) -> str:
    return hashlib.sha256(f"sample {text}".encode()).hexdigest()


def num_needed(num_right: int, num_seen: int, half_width: float, population: int) -> int:
    """Return how many documents of a population give an interval so wide, in all.

    Normal approximation with the finite population correction (Cochran, Sampling Techniques,
    1977, 4.2), from what was seen so far; two right and two wrong ones are added, as Agresti
    and Coull do, so that a few lucky ones promise nothing.
    """
    share = (num_right + 2) / (num_seen + 4) if num_seen else _UNSEEN
    free = (_Z / half_width) ** 2 * share * (1 - share)
    return min(population, math.ceil(free / (1 + (free - 1) / population))) if population else 0


def seen_whole(trees: Sequence[Tree]) -> list[bool]:
    """Return of each document whose header was all confirmed whether it had been read right.

    Args:
        trees: records as they stand.
    """
    found = []
    for tree in trees:
        header = [it for path, it in tree["fields"].items() if "[" not in path]
        present = [it for it in header if it["status"] != FieldStatus.ABSENT]
        if present and all(it["status"] == FieldStatus.CONFIRMED for it in present):
            found.append(
                all(it["confirmed"]["action"] == "accept" or _as_read(it) for it in present)
            )
    return found


def _as_read(field: Tree) -> bool:
    """Whether a field that was said to be empty had been read so."""
    said = field["confirmed"]
    return bool(said["action"] == "absent" and said["read"] is None)
