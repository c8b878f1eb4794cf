"""Says in sentences for people why a person should look at a record, the most important first.

Knows nothing of pages, engines or weights. A record without a reason is ``ok``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from docextract.core import (
    Check,
    ErrorItem,
    FieldRecord,
    FieldStatus,
    Match,
    Outcome,
    Repair,
    WordSource,
)
from docextract.schema import Kind, Schema, unit_of
from docextract.schema.equations import EQUATIONS, LINE, MORE, Sum
from docextract.verify.confidence.record_signals import header_values
from docextract.verify.value import FieldValue

Fields = Mapping[str, FieldValue] | Mapping[str, FieldRecord]

_SUMS_OF_ROWS = frozenset(item.id for item in EQUATIONS if isinstance(item, Sum))
_MIN_SHARE = 0.5
"""Least share of a schema's header fields that make a result, where it declares no keys."""
_MAX_NAMED, _MAX_LISTED = 3, 6
"""Most fields that are named as least sure, or in one sentence otherwise."""
_WHY = {
    "unknown_language": "its page is in a language that is not known",
    "not_found": "no page shows it",
    "fuzzy": "the page shows it only nearly so",
    "illegible": "its print is hard to read",
    "ambiguous": "it can be read in more than one way",
    "few_labels": "hardly any label of its page is known",
    "short_address": "a part of the address may be missing",
    "partial_address": "a part of the address may be missing",
    "second_against_name": "other print of the page is likelier to be it",
    "second_against_identifier": "other print of the page is likelier to be it",
    "second_against_date": "other print of the page is likelier to be it",
    "guessed_name": "it merely stands where such names do",
    "name_starts_with_number": "it looks like an address",
    "name_of_one_word": "a single word is rarely a whole name",
    "name_starts_small": "names rarely start with a small letter",
    "unlabelled_name": "no label stands beside it",
    "unlabelled_date": "no label stands beside it",
    "unlabelled_identifier": "no label stands beside it",
    "unlabelled_address": "no label stands beside it",
    "disputed": "a sum that rests on it does not add up",
    "repaired": "it was misread at first",
}
"""What doubts a value, by the name of its signal, the plainest reason first."""


_ALL = "All values together are right"


_WEAK = {FieldStatus.UNVERIFIED, FieldStatus.CONSISTENT}
_PAID_BY = frozenset({"due_date", "purchase_order"})
"""Names of fields that say when and against which order an invoice is paid."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a record is judged by.

    Attributes:
        schema: what was asked for.
        fields: by path.
        checks: the rules and their outcomes.
        errors: of pages and questions.
        repairs: what was put in place of what the engine said.
        orders: what pages say to the program that reads them.
    """

    schema: Schema
    fields: Fields
    checks: Sequence[Check] = ()
    errors: Sequence[ErrorItem] = ()
    repairs: Sequence[Repair] = ()
    orders: Sequence[Check] = ()


@dataclass(frozen=True, slots=True)
class ReviewReason:
    """Why a person should look at a record.

    Attributes:
        text: one sentence.
        paths: the fields it is about; empty where it is about the document.
    """

    text: str
    paths: tuple[str, ...] = ()


def review_reasons(found: Findings, confidence: float, ok_at: float) -> tuple[ReviewReason, ...]:
    """Return why a person should look at a record, the most important first; empty if nobody need.

    Args:
        found: what it is judged by.
        confidence: the probability that no header value it shows is wrong.
        ok_at: the least that is enough.
    """
    told = [
        *_unread(found),
        *_of_pages(found),
        *_missing(found),
        *_conflicts(found),
        *_unproved_keys(found),
        *_repairs(found),
    ]
    if confidence < ok_at and found.schema.fields:
        told.append(_doubt(found, confidence))
    sentences = {_sentence(item.text): item.paths for item in reversed(told)}
    return tuple(ReviewReason(text, sentences[text]) for text in reversed(sentences))


def is_doubt_of_all(reason: str) -> bool:
    """Whether a reason is that the record as a whole is not sure enough."""
    return reason.startswith(_ALL)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _unread(found: Findings) -> Iterator[ReviewReason]:
    for error in found.errors:
        where = f"page {error.page}: " if error.page else ""
        yield ReviewReason(f"{where}{error.message}")
    for order in found.orders:
        yield ReviewReason(f"a page gives orders to its reader: {order.message}")


def _of_pages(found: Findings) -> Iterator[ReviewReason]:
    """Yield what is wrong with the document as a whole, as where it may be several."""
    for check in found.checks:
        if check.outcome is Outcome.FAILED and not check.paths:
            yield ReviewReason(check.message or f"check {check.id} fails")


def _missing(found: Findings) -> Iterator[ReviewReason]:
    if not found.schema.fields:
        return  # Nothing was asked for: the document is of no kind that any schema is for.
    shown = header_values(found.fields)
    header = [item for item in found.schema.fields if "[" not in item.path]
    keys = [item for item in header if item.is_key]
    missing = tuple(
        item.path for item in keys if item.path not in shown and item.stand_in not in shown
    )
    if not any(item.status is not FieldStatus.ABSENT for item in found.fields.values()):
        yield ReviewReason("nothing of what was asked for was found", missing)
    elif missing:
        yield ReviewReason(f"not found: {_names(missing)}", missing)
    elif not keys and len(shown) < _MIN_SHARE * len(header):
        yield ReviewReason(f"only {len(shown)} of {len(header)} fields were found")


def _conflicts(found: Findings) -> Iterator[ReviewReason]:
    told: set[str] = set()
    for check in found.checks:
        if check.outcome is not Outcome.FAILED or not check.paths:
            continue
        if _is_own_rule(found, check):
            told.update(check.paths)
        elif not _is_as_printed(found, check):
            told.update(check.paths)
            said = check.message or f"check {check.id} fails"
            yield ReviewReason(f"{_names(check.paths)}: {said}", tuple(check.paths))
    for path in header_values(found.fields):
        item = found.fields[path]
        if item.readings and item.status is not FieldStatus.CONFIRMED:
            yield ReviewReason(f"{_name(path)} could be {' or '.join(item.readings)}", (path,))
        elif item.status is FieldStatus.CONFLICT and path not in told:
            note = f": {item.note}" if item.note else ""
            yield ReviewReason(f"{_name(path)} is contradicted{note}", (path,))
    yield from _open_cells(found, told)


def _is_as_printed(found: Findings, check: Check) -> bool:
    """Whether a rule fails on one tax number that no misreading explains.

    The record then says what the page says, as is asked of it; the failed rule stays in ``checks``.
    People pay by account numbers and key fields, so those are looked at in any case.
    """
    if len(check.paths) != 1:
        return False
    (path,) = check.paths
    kinds = {item.path: item.kind for item in found.schema.fields if not item.is_key}
    known = found.fields.get(path)
    is_settled = known is not None and known.status is not FieldStatus.CONFLICT
    return is_settled and kinds.get(path) is Kind.TAX_ID


def _is_own_rule(found: Findings, check: Check) -> bool:
    """Whether a row costs less than its product and no misreading explains that: a discount does.

    Every cell stands in the text layer as it was read, and a sum that closes rests on the row's
    amount; so the row says what the page says. The failed rule stays in ``checks``.
    """
    if check.id != LINE.id or MORE not in (check.message or ""):
        return False
    known = [found.fields[path] for path in check.paths if path in found.fields]
    is_exact = len(known) == len(check.paths) and all(
        any(e.match is Match.EXACT and e.source is WordSource.TEXT_LAYER for e in item.evidence)
        for item in known
    )
    return is_exact and any(
        other.outcome is Outcome.PASSED and len(other.paths) > 1 and path in other.paths
        for other in found.checks
        if other.id in _SUMS_OF_ROWS
        for path in check.paths
    )


def _open_cells(found: Findings, told: Collection[str]) -> Iterator[ReviewReason]:
    """Yield one reason for each list with cells in conflict or with several readings."""
    cells: dict[str, list[str]] = {}
    for path, item in found.fields.items():
        is_open = item.status is FieldStatus.CONFLICT and path not in told
        if "[" in path and (is_open or item.readings) and item.status is not FieldStatus.CONFIRMED:
            cells.setdefault(unit_of(path), []).append(path)
    for unit, paths in cells.items():
        number = "one cell is" if len(paths) == 1 else f"{len(paths)} cells are"
        yield ReviewReason(f"{_name(unit)}: {number} in conflict or unclear", tuple(paths))


def _unproved_keys(found: Findings) -> Iterator[ReviewReason]:
    """Yield the key fields that nothing proves; of all fields where a schema declares no keys.

    Money goes to an account number, so that has to be verified, key or not. When it is due and
    against which order it is paid must not be a mere guess.
    """
    header = [item for item in found.schema.fields if "[" not in item.path]
    keys = [field for field in header if field.is_key] or header
    for item in header:
        known = found.fields.get(item.path)
        is_account = item.kind is Kind.IBAN
        weak = _WEAK if is_account else {FieldStatus.UNVERIFIED}
        is_asked = is_account or item in keys or item.name in _PAID_BY
        if known is not None and known.status in weak and is_asked:
            text = f"{_name(item.path)} is not verified{_because(known.signals)}"
            yield ReviewReason(text, (item.path,))


def _repairs(found: Findings) -> Iterator[ReviewReason]:
    for item in found.repairs:
        yield ReviewReason(f"{_name(item.path)} was put right: {_said(item)}", (item.path,))


def _doubt(found: Findings, confidence: float) -> ReviewReason:
    shown = header_values(found.fields)
    weak = sorted(
        (item.confidence, path)
        for path, item in shown.items()
        if item.status is not FieldStatus.CONFIRMED
    )[:_MAX_NAMED]
    whole = f"{_ALL} with a probability of {100 * confidence:.0f} % only"
    if not weak:
        return ReviewReason(whole)
    named = (
        f"{_name(path)} ({100 * sure:.0f} %{_because(found.fields[path].signals)})"
        for sure, path in weak
    )
    return ReviewReason(f"{whole}; least sure: {', '.join(named)}", tuple(path for _, path in weak))


def _because(signals: Mapping[str, float]) -> str:
    why = next((text for name, text in _WHY.items() if signals.get(name, 0.0) >= _MIN_SHARE), None)
    return f": {why}" if why else ""


def _said(repair: Repair) -> str:
    return f"{repair.was} became {repair.value}" if repair.was else f"{repair.value} was filled in"


def _names(paths: Sequence[str]) -> str:
    names = ", ".join(map(_name, paths[:_MAX_LISTED]))
    more = len(paths) - _MAX_LISTED
    return f"{names} and {more} more" if more > 0 else names


def _name(path: str) -> str:
    """Return a path as people say it: ``seller.tax_id`` is the seller tax id."""
    return path.replace(".", " ").replace("_", " ")
