"""Names what speaks for and against one value: its engine, evidence, checks, form and page.

Knows nothing of what any of it weighs.
"""

from __future__ import annotations

import math
import re

from docextract.core import Match, WordSource
from docextract.schema import Kind, Role
from docextract.schema.languages import pattern
from docextract.verify.confidence.surroundings import PLAIN, Surroundings
from docextract.verify.value import FieldValue, Grounded

_GROUPS = {
    Kind.NAME: "name",
    Kind.TEXT: "name",
    Kind.ADDRESS: "address",
    Kind.DATE: "date",
    Kind.TIME: "date",
    Kind.DATETIME: "date",
    Kind.CURRENCY: "currency",
    Kind.IDENTIFIER: "identifier",
    Kind.IBAN: "identifier",
    Kind.BIC: "identifier",
    Kind.TAX_ID: "identifier",
}
_LABELLED = ("date", "identifier", "name", "address")
"""Groups that a label beside the value tells apart from strangers; amounts have their sums."""
_UNKNOWN_PROBABILITY = 0.8
"""What an engine without probabilities is taken to believe of its answers."""
_SECOND = ("name", "identifier", "date")
"""Groups that a second reading has an opinion on."""
_LIMIT = 0.02
"""Engine probabilities are cut to this and one minus this: no engine knows more."""
_SHORT_NAME = 5
_SHORT_ADDRESS = 25
"""A street and a place have more letters; seven in ten shorter addresses were one line of two."""
_GUESS = 0.6
"""Least probability of a name that something speaks for; others merely stand where names do."""
_STARTS_WITH_POSTCODE = re.compile(r"[A-Z]{0,2}-?\d{4,6}\b")
_FORM = re.compile(rf"(?<![\w.])(?:{pattern('parties', 'legal_forms')})\.?(?!\w)")
_ADDRESSEES = (Role.BUYER, Role.HOLDER)
_TWO_NUMBERS = re.compile(r"\d.*\d{3}|\d{3}.*\d", re.DOTALL)

FOR = frozenset(
    {"probability", "proved", "agreed", "name_in_domain", "name_with_form", "name_said_again"}
    | {f"second_for_{group}" for group in _SECOND}
)
"""Signals that can only speak for a value."""
AGAINST = frozenset(
    {
        "normalized", "fuzzy", "not_found", "illegible", "short_name", "contradicted",
        "implausible", "disputed", "repaired", "ambiguous", "disagreement", "few_labels",
        "unknown_language", "name_normalized", "name_of_one_word", "name_starts_small",
        "name_starts_with_number", "partial_address", "short_address", "guessed_name",
        "few_labels_of_name", "name_of_addressee",
    }
    | {f"unlabelled_{group}" for group in _LABELLED}
    | {f"second_against_{group}" for group in _SECOND}
)  # fmt: skip
"""Signals that can only speak against a value."""


def signals_of(value: FieldValue, surroundings: Surroundings = PLAIN) -> dict[str, float]:
    """Return what speaks for and against a grounded value, by name; what is 0 is left out."""
    group, best = _group_of(value), value.best
    in_list = "[" in value.path
    signals = {
        "bias": 1.0,
        "probability": _logit(_belief(value, best)),
        f"kind_{group}": 1.0,
        "in_list": float(in_list),
        **_signals_of_place(best),
        "short_name": float(group in ("name", "address") and len(value.value or "") < _SHORT_NAME),
        "proved": float(value.is_proved),
        "agreed": float(value.is_agreed),
        "contradicted": float(value.is_contradicted),
        "implausible": float(value.is_implausible),
        "disputed": float(value.is_disputed),
        "repaired": float(value.repair is not None or value.reading.is_repaired),
        "ambiguous": float(value.reading.is_ambiguous),
        "disagreement": float(value.has_disagreement),
        **_signals_of_second_reading(value, group),
        **surroundings.signals,
        **({} if in_list else _signals_of_form(value, group, best, surroundings)),
    }
    return {name: weight for name, weight in signals.items() if weight}


def _signals_of_second_reading(value: FieldValue, group: str) -> dict[str, float]:
    """Return what another reading says of the print, which doubts some kinds more than others."""
    odds = value.second_odds if group in _SECOND else None
    if odds is None:
        return {}
    return {f"second_for_{group}": max(odds, 0.0), f"second_against_{group}": max(-odds, 0.0)}


def _group_of(value: FieldValue) -> str:
    kind = value.field.kind
    group = _GROUPS.get(kind, "number" if kind.is_number else "other")
    # Rows print several numbers of an item: the seller's, the buyer's, a barcode.
    return "code" if "[" in value.path and group == "identifier" else group


def _signals_of_place(best: Grounded | None) -> dict[str, float]:
    if best is None:
        return {"not_found": 1.0}
    return {
        "ocr": float(best.evidence.source is WordSource.OCR),
        "normalized": float(best.evidence.match is Match.NORMALIZED),
        "fuzzy": float(best.evidence.match is Match.FUZZY),
        "illegible": 1 - best.legibility,
    }


def _signals_of_form(
    value: FieldValue, group: str, best: Grounded | None, surroundings: Surroundings
) -> dict[str, float]:
    """Return what the text itself says: a name may be a label, an address only its last line."""
    text = value.value or ""
    is_bare = group in _LABELLED and not (best is not None and best.is_labelled)
    signals = {f"unlabelled_{group}": float(is_bare)}
    if group == "name":
        is_normalized = best is not None and best.evidence.match is Match.NORMALIZED
        signals |= {
            "name_normalized": float(is_normalized),
            "name_of_one_word": float(len(re.findall(r"\w+", text)) == 1),
            "name_starts_small": float(text[:1].islower()),
            "name_starts_with_number": float(text[:1].isdigit()),
            "name_in_domain": float(surroundings.has_domain_of(text)),
            "name_with_form": float(_FORM.search(text) is not None),
            "name_said_again": float(surroundings.num_times(text) > 1),
            "name_of_addressee": float(value.field.role in _ADDRESSEES),
            "guessed_name": float(value.probability is not None and value.probability < _GUESS),
            "few_labels_of_name": surroundings.signals.get("few_labels", 0.0),
        }
    if group == "address":
        signals["partial_address"] = float(_is_part_of_an_address(text))
        signals["short_address"] = float(len(text) < _SHORT_ADDRESS)
    return signals


def _is_part_of_an_address(text: str) -> bool:
    """Whether the street or the place is missing: it starts with a postcode, or has one number."""
    return bool(_STARTS_WITH_POSTCODE.match(text)) or not _TWO_NUMBERS.search(text)


def _belief(value: FieldValue, best: Grounded | None) -> float | None:
    """Return how sure the engine is, but no surer than the place suits the field."""
    known = [value.probability, best.fit if best else None]
    return min((item for item in known if item is not None), default=None)


def _logit(probability: float | None) -> float:
    known = _UNKNOWN_PROBABILITY if probability is None else probability
    cut = min(max(known, _LIMIT), 1 - _LIMIT)
    return math.log(cut / (1 - cut))
