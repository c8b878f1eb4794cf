"""What becomes of one document: values in the caller's class, or why there are none.

Knows nothing of how documents are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from docextract.core import (
    Check,
    DocumentError,
    FieldRecord,
    Record,
    RecordStatus,
    Tree,
    to_json,
)
from docextract.verify.checks import typed_instance, what_is_wrong

if TYPE_CHECKING:
    from pydantic import BaseModel

Model = TypeVar("Model", bound="BaseModel")


@dataclass(frozen=True, slots=True)
class Extraction(Generic[Model]):
    """A document's values as an instance of your class, and what is known of each.

    Attributes:
        values: the typed values. Where the document lacks what your class requires, ``errors``
            says so, the instance is built without validation, and what is missing is None.
        record: the whole record, as a run stores it.
        errors: why ``values`` are not valid, a failed ``schema`` check each; empty where they are.
        source: what was read, as it was given.
    """

    values: Model
    record: Record
    errors: tuple[Check, ...] = ()
    source: Any = None

    @property
    def is_valid(self) -> bool:
        """Whether your class accepts the values."""
        return not self.errors

    @property
    def status(self) -> RecordStatus:
        """``ok`` or ``review``."""
        return self.record.status

    @property
    def fields(self) -> Mapping[str, FieldRecord]:
        """By field path: raw text, status, confidence and evidence."""
        return self.record.fields

    @property
    def checks(self) -> tuple[Check, ...]:
        """The cross-field rules and their outcomes."""
        return self.record.checks

    def to_dict(self) -> Tree:
        """Return the record as a line of results.jsonl has it: plain dicts, lists and text."""
        return self.record.to_json()

    def to_json(self, indent: int | None = None) -> str:
        """Return the record as JSON text, in one line or indented."""
        return to_json(self.to_dict(), indent)


@dataclass(frozen=True, slots=True)
class Failure:
    """A document of many that gave no values.

    Attributes:
        error: why; raise it where one failure should end all.
        record: the record that a run would store of it.
        source: what was to be read, as it was given.
    """

    error: DocumentError
    record: Record
    source: Any = None

    @property
    def status(self) -> Literal[RecordStatus.FAILED]:
        """Always ``failed``."""
        return RecordStatus.FAILED

    def to_dict(self) -> Tree:
        """Return the record as a line of results.jsonl has it."""
        return self.record.to_json()

    def to_json(self, indent: int | None = None) -> str:
        """Return the record as JSON text, in one line or indented."""
        return to_json(self.to_dict(), indent)


def extraction_of(record: Record, model: type[Model], source: Any) -> Extraction[Model]:
    """Return what a record says, in the caller's class."""
    values = record.values or {}
    wrong = tuple(what_is_wrong(model, values))
    return Extraction(typed_instance(model, values), record, wrong, source)
