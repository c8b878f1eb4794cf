"""What a record says, as far as it can be scored.

Knows nothing of truth or files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

from docextract.core import FieldStatus, RecordStatus, Tree, WordSource
from docextract.verify.status.review_reasons import is_doubt_of_all


class Claim(NamedTuple):
    """How sure a record is of one value, and what that was weighed from."""

    status: FieldStatus
    confidence: float
    signals: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Given:
    """One record without its evidence, so that those of a large run fit into memory.

    Attributes:
        path: path of the document, as shown.
        sha256: hash of its bytes.
        schema_name: empty for a duplicate.
        schema_id: the schema's hash; empty for a duplicate.
        status: how the document ended.
        values: empty where it failed.
        claims: by concrete path.
        has_embedded: whether a value was read from an e-invoice inside the file.
        engine: the name of the engine that read it.
        confidence: the probability that no header value is wrong.
        review_reasons: why a person should look.
    """

    path: str
    sha256: str
    schema_name: str
    schema_id: str
    status: RecordStatus
    values: Tree
    claims: Mapping[str, Claim]
    has_embedded: bool = False
    engine: str = "text"
    confidence: float = 0.0
    review_reasons: tuple[str, ...] = ()

    @classmethod
    def from_record(cls, record: Tree) -> Self:
        """Return what can be scored of a record as results.jsonl has it."""
        document, schema, fields = record["document"], record["schema"], record["fields"]
        sources = (item["source"] for info in fields.values() for item in info.get("evidence", ()))
        return cls(
            path=document["path"],
            sha256=document["sha256"],
            schema_name=schema["name"],
            schema_id=schema["id"],
            status=RecordStatus(record["status"]),
            values=record["values"] or {},
            claims={path: _claim(info) for path, info in fields.items()},
            has_embedded=WordSource.EMBEDDED_XML in sources,
            engine=record.get("engine", {}).get("name", "text"),
            confidence=float(record.get("confidence") or 0.0),
            review_reasons=tuple(record.get("review_reasons") or ()),
        )

    @property
    def is_held_by_confidence_alone(self) -> bool:
        """Whether it is ok, or in review for nothing but its confidence."""
        if self.status is RecordStatus.REVIEW and not self.review_reasons:
            return False
        return all(map(is_doubt_of_all, self.review_reasons))


def _claim(info: Tree) -> Claim:
    signals = info.get("signals", {})
    return Claim(FieldStatus(info["status"]), float(info["confidence"]), signals)
