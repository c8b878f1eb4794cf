"""Lowers the scores of values that other evidence speaks against.

Knows nothing of how values were found; it never raises a score and never drops a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from docextract.engine.text.fields.labelled import is_header
from docextract.engine.text.labels.hidden_columns import HIDDEN
from docextract.engine.text.text_document import Option, Reader, level
from docextract.schema import Kind

_WORDED = frozenset(
    {Kind.TEXT, Kind.NAME, Kind.ADDRESS, Kind.CURRENCY, Kind.COUNTRY, Kind.ENUM, Kind.BOOLEAN}
)
_MIN_WORDS = 40
_MIN_TYPED, _USUAL_SHARE = 5, 0.08


def doubt_strangers(
    reader: Reader, options: Mapping[str, list[Option]], chosen: Mapping[str, Option]
) -> dict[str, Option]:
    """Lower what no label announces where the document is not what the schema describes."""
    kinship = _kinship(reader, options)
    return {
        path: option if option.hit else option.also("document.kinship", kinship)
        for path, option in chosen.items()
    }


def doubt_beginnings(reader: Reader, chosen: Mapping[str, Option]) -> dict[str, Option]:
    """Lower a number that another one begins with: of ``4711`` and ``4711-2`` either may be meant.

    The field's own words settle it; those it shares with other fields do not.
    """
    words = {token.text for segment in reader.layout.segments for token in segment.tokens}
    return {path: _unless_begun(reader, option, words) for path, option in chosen.items()}


def _unless_begun(reader: Reader, option: Option, words: Iterable[str]) -> Option:
    item = reader.index.fields[option.path]
    is_own = option.hit is None or not option.hit.entry.ranks.get(option.path, 0)
    if item.kind is not Kind.IDENTIFIER or is_own:
        return option
    longer = (f"{option.text}-", f"{option.text}/")
    return option.also("doubt.beginning_of_other", any(w.startswith(longer) for w in words))


def _kinship(reader: Reader, options: Mapping[str, list[Option]]) -> float:
    """Return how far a document looks like what its schema describes, as a weight.

    It does where labels of the schema announce values of the right kind. Where none or
    hardly any does, what stands on top of the page is no seller, and no date an invoice's.
    A schema of few such fields or a page of few words tells nothing.
    """
    index = reader.index
    typed = {
        path for path, item in index.fields.items()
        if is_header(item, index) and not path.startswith(HIDDEN) and item.kind not in _WORDED
    }  # fmt: skip
    num_words = sum(len(segment.tokens) for segment in reader.layout.segments)
    found = sum(bool(options.get(p)) and options[p][0].score >= level("sure_label") for p in typed)
    if len(typed) < _MIN_TYPED or num_words < _MIN_WORDS:
        return 1.0
    return max(level("stranger"), min(1.0, found / len(typed) / _USUAL_SHARE))
