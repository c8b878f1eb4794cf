"""The order of an evaluation: pair documents, translate labels, judge, count.

Knows nothing of where labels and records come from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from docextract.core import Tree, UsageError
from docextract.evaluation.fitting import PRIOR_STRENGTH, fit_calibration
from docextract.evaluation.judging.document_judge import judge
from docextract.evaluation.judging.given import Given
from docextract.evaluation.judging.verdicts import DocumentScore
from docextract.evaluation.labels.expected import Translator
from docextract.evaluation.labels.mapping import NameMapping
from docextract.evaluation.labels.truth import Labels, is_other_schema
from docextract.evaluation.matching.pairing import pair
from docextract.evaluation.reporting.report import Report
from docextract.schema import Schema
from docextract.schema.loading import find_schemas
from docextract.verify.confidence.weights import Calibration, shipped_calibration


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation found.

    Attributes:
        documents: what became of each labelled document, in the order of the labels.
        schema: the schema that was scored.
        unlabelled: paths of records that nothing is known of.
        num_other: labelled documents left out, as their labels are for another schema.
        unknown: names in the labels that mean nothing in the schema, with the number of
            documents that use them.
        unclear: labels that are no value of their field, as sentences.
    """

    documents: tuple[DocumentScore, ...]
    schema: Schema
    unlabelled: tuple[str, ...] = ()
    num_other: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    unclear: tuple[str, ...] = ()

    def report(self) -> Report:
        """Return the figures."""
        return Report.of(self.documents, [item.path for item in self.schema.fields])

    def calibration(self) -> Calibration:
        """Return the shipped calibration of the confidence, refitted to these documents.

        They are weights for the engine that read most of them.

        Raises:
            UsageError: too few values are labelled.
        """
        found = fit_calibration([self.documents], shipped_calibration(), PRIOR_STRENGTH)
        read_by = Counter(item.given.engine for item in self.documents if item.given is not None)
        return replace(found, engine=max(read_by, key=lambda name: read_by[name]))

    def to_json(self) -> Tree:
        """Return all figures, every mistake, and what was not scored."""
        return self.report().to_json() | {
            "schema": {"name": self.schema.name, "id": self.schema.id},
            "unlabelled": list(self.unlabelled),
            "num_other_schema": self.num_other,
            "unknown_names": dict(self.unknown),
            "unclear_labels": list(self.unclear),
        }


def evaluate(
    labels: Sequence[Labels], records: Iterable[Given], schema: Schema, mapping: NameMapping
) -> Evaluation:
    """Return how well records agree with labels.

    Args:
        labels: what documents hold.
        records: what was read, all of one schema.
        schema: that schema.
        mapping: what names in the labels mean.

    Raises:
        UsageError: all labels are for other schemas.
    """
    known = {item.name for item in find_schemas()}
    pairing = pair(labels, records)
    own = [
        (item, given)
        for item, given in pairing.pairs
        if not is_other_schema(item.schema_name, schema.name, known)
    ]
    if not own:
        raise UsageError(f"none of these labels is for schema {schema.name}")
    translator = Translator(schema, mapping)
    documents = tuple(judge(translator.translate(item), given, schema) for item, given in own)
    return Evaluation(
        documents,
        schema,
        tuple(item.path for item in pairing.unlabelled),
        len(labels) - len(own),
        translator.unknown,
        tuple(translator.unclear),
    )
