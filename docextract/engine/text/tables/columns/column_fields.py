"""Decides which column holds which member, by the words of its header and what is below.

Knows nothing of pages: it sees header cells and the numbers below them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from docextract.engine.text.labels.total_kinds import is_tax, sense
from docextract.engine.text.tables.columns.columns import Column, Content, Members
from docextract.engine.text.text_document import (
    Factors,
    Token,
    fold,
    fold_words,
    given,
    level,
    score_of,
    total_of,
)
from docextract.engine.text.values.amounts import is_currency
from docextract.schema import Field, Kind

_MIN_SUFFIX = 4
_MAX_RUN = 5
_MAX_RANK = 20
_CODE_WORDS = fold_words("codes", "number") | {"id", "code"}
_TEXTS = (Kind.TEXT, Kind.NAME)
_OTHER_SENSE = {
    ("line_net", "tax"): "column.other_sense",
    ("line_net", "gross"): "column.with_tax",
    ("unit_price", "tax"): "column.other_sense",
    ("tax_rate", "net"): "column.other_sense",
    ("tax_rate", "gross"): "column.other_sense",
}
"""What speaks against a member where a label's words mean another total."""
Scores = list[dict[str, float]]
"""Per column, the members its words may announce and how well, by path."""


def label_scores(label: Sequence[Token], members: Members) -> dict[str, float]:
    """Return how well a header cell's words announce each member, 0 to 1, by path."""
    key = tuple(token.text for token in label)
    if key not in members.scores:
        members.scores[key] = _scores(label, members)
    return members.scores[key]


def _scores(label: Sequence[Token], members: Members) -> dict[str, float]:
    scores: dict[str, float] = {}
    for text, factors, is_ranked in _phrases(label):
        for path, rank in members.ranks(text).items():
            ranked = ("head.rank", min(rank, _MAX_RANK) * is_ranked)
            scores[path] = max(total_of((*factors, ranked)), scores.get(path, 0))
    return _with_codes(label, members, scores)


def _phrases(label: Sequence[Token]) -> Iterator[tuple[str, Factors, bool]]:
    """Yield what may announce a member, with the factors of each and whether its rank counts.

    The whole cell is best, then the cell without brackets and currencies, then one of its
    alternatives (``Hrs/Qty``), then a phrase within it by its share, then a compound that
    ends in a phrase (``Zeilenbetrag``).
    """
    core = _core(label)
    whole = "".join(core)
    yield "".join(token.fold for token in label), given("head.whole"), True
    yield whole, given("head.core"), True
    for token in label:
        for part in token.text.split("/") if "/" in token.text else ():
            yield fold(part), given("head.alternative"), False
    for start in range(len(core)):
        for end in range(start + 1, min(start + _MAX_RUN, len(core)) + 1):
            run = "".join(core[start:end])
            if 1 < len(run) < len(whole):
                yield run, (("head.run", 1), ("head.share", len(run) / len(whole))), False
    for word in core:
        for start in range(1, len(word) - _MIN_SUFFIX + 1):
            yield word[start:], given("head.ending"), False


def _core(label: Sequence[Token]) -> list[str]:
    return [t.fold for t in label if t.fold and not is_currency(t.text) and t.text[0] not in "(["]


def _with_codes(
    label: Sequence[Token], members: Members, scores: dict[str, float]
) -> dict[str, float]:
    """Let ``Product ID`` announce a code, whichever word for it is known, and nothing else."""
    *before, last = _core(label) or [""]
    if not before or last not in _CODE_WORDS:
        return scores
    named = {path for word in _CODE_WORDS for path in members.ranks("".join(before) + word)}
    known = scores | {
        path: max(total_of(given("head.code")), scores.get(path, 0)) for path in named
    }
    return {p: s for p, s in known.items() if members.fields[p].kind is Kind.IDENTIFIER}


def assign_labels(columns: Sequence[Column], members: Members, scores: Scores) -> float:
    """Give each column the member its words announce; return the best sum of scores over all."""
    best: dict[frozenset[str], tuple[float, tuple[str | None, ...]]] = {frozenset(): (0, ())}
    for options in scores:
        following: dict[frozenset[str], tuple[float, tuple[str | None, ...]]] = {}
        for used, (total, chosen) in best.items():
            for path, score in ((None, 0), *options.items()):
                key = used if path is None else used | {path}
                if path not in used and total + score > following.get(key, (-1, ()))[0]:
                    following[key] = (total + score, (*chosen, path))
        best = following
    total, chosen = max(best.values(), key=lambda item: item[0])
    for column, path in zip(columns, chosen, strict=True):
        column.field = members.fields[path] if path else None
    return total


def score_table(columns: Sequence[Column], members: Members) -> Scores:
    """Return, per column, the members its words may announce and how well."""
    table: Scores = []
    for column in columns:
        meant = "tax" if is_tax(column.label) else sense(column.label) or ""
        table.append({})
        for path, score in label_scores(column.label, members).items():
            member, concept = members.fields[path], members.concept_of(path)
            other = _OTHER_SENSE.get((concept, meant)) if score < level("column_sure") else None
            score *= score_of(given(other) if other else ())
            if score >= level("column_named") and _may_hold(column, member, concept):
                table[-1][path] = score * score_of(_fit(column, member))
    return table


def _may_hold(column: Column, member: Field, concept: str) -> bool:
    """Return whether what stands below a header cell can be a member's values at all."""
    if column.holds is Content.WORDS:
        return not (member.kind.is_number or concept == "line_no")
    return not (column.holds is Content.NUMBERS and member.kind is Kind.UNIT)


def _fit(column: Column, member: Field) -> Factors:
    """Return what stands below a header cell that speaks against a member's kind."""
    return (
        ("column.empty", column.holds is Content.NOTHING),
        ("column.unit_among_numbers", column.holds is Content.BOTH and member.kind is Kind.UNIT),
        ("column.numbers_for_text", column.holds is Content.NUMBERS and member.kind in _TEXTS),
    )


def name_rest(columns: Sequence[Column], members: Members) -> None:
    """Name columns by what they hold where no label does.

    The last numbers right of a price are the row's amount, as is the price itself where there is
    nothing to multiply it with. Words left of a described item under a label of numbers are its
    code (``Item``). Numbers under a word for tax are its rate; the widest column of words is the
    text (``Services``).
    """
    held = members.held(columns)
    net, price = members.by_concept.get("line_net"), held.get("unit_price")
    if net is not None and "line_net" not in held and price is not None:
        numbers = [n for n, column in enumerate(columns) if column.holds is Content.NUMBERS]
        free = [n for n in numbers if columns[n].field is None and not is_tax(columns[n].label)]
        if free and free[-1] > price:
            columns[free[-1]].field = net
        elif "quantity" not in held and len(numbers) < 2:
            columns[price].field = net
    code, first = members.by_concept.get("product_code"), columns[0]
    is_open = first.field is None and first.holds is Content.WORDS
    is_open = is_open and "description" in held and "product_code" not in held
    named = map(members.concept_of, label_scores(first.label, members))
    if code and is_open and "line_no" in named:
        first.field = code
    taxes = [c for c in columns if c.field is None and is_tax(c.label)]
    if len(taxes) == 1 and (taxes[0].holds or Content.NOTHING) & Content.NUMBERS:
        _give(taxes, members, (Kind.PERCENT,), columns)
    words = [c for c in columns if c.field is None and c.body is not None]
    words = [c for c in words if (c.holds or Content.NOTHING) & Content.WORDS]
    _give(sorted(words, key=lambda c: c.width), members, _TEXTS, columns)


def _give(
    free: Sequence[Column], members: Members, kinds: tuple[Kind, ...], columns: Sequence[Column]
) -> None:
    """Give the last of some columns the first member of a kind that no column has yet."""
    fields = [field for field in members.fields.values() if field.kind in kinds]
    if free and fields and not any(column.field in fields for column in columns):
        free[-1].field = fields[0]


def signed_column(columns: Sequence[Column], members: Members) -> int | None:
    """Return the one unnamed column of numbers of a list of what came in and went out, or None."""
    ways = {"deposit", "withdrawal"}
    free = [n for n, c in enumerate(columns) if c.field is None and c.holds is Content.NUMBERS]
    is_wanted = ways <= members.by_concept.keys() and not ways & members.held(columns).keys()
    return free[0] if is_wanted and len(free) == 1 else None


def is_tax_rate(column: Column, scores: Mapping[str, float], members: Members) -> bool:
    """Return whether a column's label makes it a rate of a tax; ``Rate`` alone may be a price."""
    rates = (score for path, score in scores.items() if members.fields[path].kind is Kind.PERCENT)
    return is_tax(column.label) and max(rates, default=0) >= level("column_labelled")
