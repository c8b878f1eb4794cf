"""The frozen data that flows from stage to stage, from document to stored record.

Knows nothing of files, engines, schemas or the store: plain values only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple

from docextract.core.engine_info import NEWER_ENGINE, EngineInfo
from docextract.core.invoice_terms import InvoiceTerms
from docextract.core.mail import Mail
from docextract.core.places import is_uri
from docextract.core.printed_page import Box, Page, Place, WordSource

Tree = dict[str, Any]
"""A JSON-like tree of values: dicts, lists and leaves (text or None)."""


class Alternative(NamedTuple):
    """Another printed text a field could hold, and how probable the engine thinks it."""

    raw: str
    place: Place | None = None
    probability: float | None = None


class FieldStatus(StrEnum):
    """What has been earned by a value."""

    VERIFIED = "verified"
    CONSISTENT = "consistent"
    UNVERIFIED = "unverified"
    CONFLICT = "conflict"
    ABSENT = "absent"
    CONFIRMED = "confirmed"
    """A person said so; its value is empty where they said that there is none."""


class RecordStatus(StrEnum):
    """How a document ended."""

    OK = "ok"
    REVIEW = "review"
    FAILED = "failed"
    SKIPPED = "skipped"


class Match(StrEnum):
    """How closely a quote equals the value it proves."""

    EXACT = "exact"
    NORMALIZED = "normalized"
    FUZZY = "fuzzy"
    NONE = "none"


class Outcome(StrEnum):
    """What a check said; ``not_applicable`` where its fields are absent.

    A ``warning`` says that a norm asks for something real papers may lack; it puts no value in
    doubt.
    """

    PASSED = "passed"
    FAILED = "failed"
    WARNING = "warning"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Document:
    """One input file, one that lies in a container such as a mail, or one of several in a file.

    Attributes:
        path: what people see: the path as given, lossy where its bytes are no text; below a
            container ``mail.eml!invoice.pdf``. That of a part ends with its pages:
            ``scan.pdf#p3-4``.
        raw_path: the absolute path's exact bytes, or the address in storage: which file it is
            whatever way it was named; below a container likewise.
        sha256: hash of its bytes; empty where it could not be read. That of a part ends with its
            pages too, so that it tells parts of one file apart.
        media_type: by content, never by name; empty where unknown.
        num_bytes: size in bytes.
        relative: path below the input root it was found in, for mirrored output.
        mail: the mail it came in, if it did.
        spooled: where a copy of its bytes lies for a while; empty for a file of this machine.
        real_path: the path without links under which its file, or that of its container, was
            listed; empty where nobody listed it.
    """

    path: str
    raw_path: bytes
    sha256: str = ""
    media_type: str = ""
    num_bytes: int = 0
    relative: str = ""
    mail: Mail | None = None
    spooled: bytes = b""
    real_path: bytes = b""

    @property
    def place(self) -> bytes:
        """The path that is opened."""
        return self.spooled or self.raw_path

    @property
    def source(self) -> str:
        """The address it was fetched from; empty for a file of this machine."""
        address = self.raw_path.decode(errors="replace")
        return address if is_uri(address) else ""

    def naming(self) -> Tree:
        """Return what a record says of which file it is of, and how it came."""
        named: Tree = {"path": self.path, "sha256": self.sha256}
        named |= {"source": self.source} if self.source else {}
        return named | ({"mail": self.mail.to_json()} if self.mail is not None else {})

    def part(self, first: int, last: int) -> Document:
        """Return the document on some pages of this file."""
        pages = str(first) if first == last else f"{first}-{last}"
        return self.part_of_key(f"{self.sha256}{PART}{pages}")

    def part_of_key(self, key: str) -> Document:
        """Return the document of this file that is stored under a key: its hash and its pages."""
        pages = key.removeprefix(self.sha256)
        path, relative = self.path + pages, self.relative + pages
        return replace(self, path=path, sha256=key, relative=relative)

    @property
    def pages(self) -> tuple[int, int] | None:
        """First and last page of a part; None for a whole file."""
        return part_pages(self.sha256)


PART = "#p"
"""What stands between a file's name, or its hash, and the pages of one of its documents."""


def file_hash(sha256: str) -> str:
    """Return the hash of a file's bytes, from that of the file or of a part of it."""
    return sha256.partition(PART)[0]


def part_pages(sha256: str) -> tuple[int, int] | None:
    """Return first and last page of the part a hash is of; None where it is of a whole file."""
    _, mark, pages = sha256.partition(PART)
    first, _, last = pages.partition("-")
    return (int(first), int(last or first)) if mark else None


def named_pages(path: str) -> tuple[str, str] | None:
    """Return the file and the pages that the name of a part tells, such as ``a.pdf#p2-3``."""
    file, _, pages = path.rpartition(PART)
    is_part = bool(file) and all(number.isdecimal() for number in pages.split("-", 1))
    return (file, pages) if is_part else None


@dataclass(frozen=True, slots=True)
class ErrorItem:
    """One thing that went wrong, as stored in a record's ``errors``."""

    stage: str
    reason: str
    message: str
    hint: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class EmbeddedInvoice:
    """What an e-invoice XML says: ``values`` in the built-in invoice schema's paths.

    ``terms`` are what the rules of EN 16931 look at; None for values that no XML gave.
    """

    values: Tree
    quotes: Mapping[str, str]
    syntax: str
    profile: str = ""
    terms: InvoiceTerms | None = None


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """A document after opening: its pages' words, and what could not be read."""

    document: Document
    num_pages: int
    pages: tuple[Page, ...]
    embedded: EmbeddedInvoice | None = None
    errors: tuple[ErrorItem, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a value stands: reading the words inside ``box`` gives ``quote``.

    ``page`` and ``box`` are None for a value read from embedded XML.
    """

    page: int | None
    box: Box | None
    quote: str
    match: Match
    source: WordSource


@dataclass(frozen=True, slots=True)
class FieldRecord:
    """Metadata of one leaf: how it was printed and what is known of it.

    ``readings`` holds every possible value where the print is ambiguous (03/04/2024)
    or where two sources disagree; the chosen one stands first. ``signals`` are what the
    confidence was weighed from, by name (``docextract.verify.confidence``). ``readers`` are the
    engines that gave the value, where two were at work.
    """

    raw: str | None
    status: FieldStatus
    confidence: float
    evidence: tuple[Evidence, ...] = ()
    readings: tuple[str, ...] = ()
    note: str | None = None
    signals: Mapping[str, float] = field(default_factory=dict)
    readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A cross-field rule and its outcome."""

    id: str
    outcome: Outcome
    paths: tuple[str, ...]
    message: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """A value the engine did not give, put in place because a check asked for it.

    Attributes:
        path: of the field.
        check: id of the rule that passes because of it.
        was: the typed value the engine gave; None where it gave none.
        was_raw: that value as printed.
        value: the typed value that stands there now.
    """

    path: str
    check: str
    was: str | None
    was_raw: str | None
    value: str


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """One question an engine was asked about a document.

    Attributes:
        pages: numbers of the pages shown together.
        views: what was shown of them, in the engine's words; empty where it shows nothing.
        fields: what was asked for, in a closer look or of what another reader left in doubt;
            empty where the whole schema was asked.
        is_closer: whether it was a closer look.
        stop: why the answer ended; ``error`` where there is none.
    """

    pages: tuple[int, ...]
    views: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    is_closer: bool = False
    stop: str = "end"


class DocumentKind(NamedTuple):
    """What kind of document one was taken for, where several schemas were asked.

    Attributes:
        name: such as ``invoice`` or ``reminder``.
        probability: that the choice of the schema was right, 0 to 1.
    """

    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class Record:
    """The stored outcome for one document and one fingerprint.

    ``confidence`` is the probability that no value outside lists is wrong; ``review_reasons``
    say to people why they should look, the most important first. ``questions`` are in the
    order asked; ``usage`` sums what their answers counted. ``memory`` names what confirmed
    documents of its layout had taught when it was read; None where its layout was not known.
    """

    document: Document
    num_pages: int
    schema_name: str
    schema_id: str
    status: RecordStatus
    values: Tree | None
    fields: Mapping[str, FieldRecord]
    checks: tuple[Check, ...]
    engine: EngineInfo
    errors: tuple[ErrorItem, ...]
    timings_ms: Mapping[str, float]
    fingerprint: str
    confidence: float = 0.0
    review_reasons: tuple[str, ...] = ()
    pages: tuple[Mapping[str, Any], ...] = ()
    repairs: tuple[Repair, ...] = ()
    questions: tuple[AskedQuestion, ...] = ()
    usage: Mapping[str, float] = field(default_factory=dict)
    kind: DocumentKind | None = None
    memory: Mapping[str, Any] | None = None

    def to_json(self) -> Tree:
        """Return the record as a line of results.jsonl has it."""
        document = self.document
        return {
            "document": {
                **document.naming(),
                "media_type": document.media_type,
                "num_pages": self.num_pages,
            },
            "schema": {"name": self.schema_name, "id": self.schema_id},
            **_kind_json(self.kind),
            "status": self.status.value,
            "confidence": self.confidence,
            "review_reasons": list(self.review_reasons),
            "values": self.values,
            "fields": {path: _field_json(f) for path, f in self.fields.items()},
            "checks": [_check_json(check) for check in self.checks],
            "repairs": [_slots_json(repair) for repair in self.repairs],
            "engine": _engine_json(self.engine),
            "errors": [_slots_json(error) for error in self.errors],
            "pages": [dict(page) for page in self.pages],
            "questions": [_slots_json(question) for question in self.questions],
            "usage": {name: _amount(count) for name, count in self.usage.items()},
            "timings_ms": {k: round(v, 1) for k, v in self.timings_ms.items()},
            "fingerprint": self.fingerprint,
            **({} if self.memory is None else {"memory": dict(self.memory)}),
        }


def _slots_json(item: AskedQuestion | EngineInfo | ErrorItem | Repair) -> Tree:
    values = ((name, getattr(item, name)) for name in item.__slots__)
    return {name: list(it) if isinstance(it, tuple) else it for name, it in values}


def _engine_json(engine: EngineInfo) -> Tree:
    tree = _slots_json(engine)
    return {name: it for name, it in tree.items() if it is not None or name not in NEWER_ENGINE}


def _kind_json(kind: DocumentKind | None) -> Tree:
    if kind is None:
        return {}
    return {"kind": {"name": kind.name, "probability": round(kind.probability, 3)}}


def _amount(count: float) -> float:
    return int(count) if float(count).is_integer() else round(count, 3)


def _check_json(check: Check) -> Tree:
    tree = {"id": check.id, "outcome": check.outcome.value, "paths": list(check.paths)}
    return tree | ({"message": check.message} if check.message else {})


def _field_json(item: FieldRecord) -> Tree:
    tree: Tree = {
        "raw": item.raw,
        "status": item.status.value,
        "confidence": round(item.confidence, 3),
        "evidence": [_evidence_json(evidence) for evidence in item.evidence],
    }
    if item.readings:
        tree["readings"] = list(item.readings)
    if item.note:
        tree["note"] = item.note
    if item.readers:
        tree["readers"] = list(item.readers)
    if item.signals:
        tree["signals"] = {name: round(value, 3) for name, value in item.signals.items()}
    return tree


def _evidence_json(evidence: Evidence) -> Tree:
    box = evidence.box
    return {
        "page": evidence.page,
        "box": None if box is None else [round(edge, 5) for edge in box],
        "quote": evidence.quote,
        "match": evidence.match.value,
        "source": evidence.source.value,
    }
