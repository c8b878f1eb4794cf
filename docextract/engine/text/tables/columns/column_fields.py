"""Decides which column holds which member, by the words of its header and what is below.

Knows nothing of pages: it sees header cells and the numbers below them.
"""

from __future__ import annotations

from collections.abc import Sequence

from docextract.engine.text.labels.total_kinds import is_tax, sense
from docextract.engine.text.tables.columns.columns import Column, Content
from docextract.engine.text.text_document import (
    Factors,
    Index,
    Reader,
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
_CODE_WORDS = fold_words("codes", "number") | {"id", "code"}
_OTHER_SENSE = {
    ("line_net", "tax"): "column.other_sense",
    ("line_net", "gross"): "column.with_tax",
    ("unit_price", "tax"): "column.other_sense",
    ("tax_rate", "net"): "column.other_sense",
    ("tax_rate", "gross"): "column.other_sense",
}
"""What speaks against a member where a label's words mean another total."""


def members_of(reader: Reader, list_path: str) -> dict[str, Field]:
    """Return the members of a list by path."""
    return {f.path: f for f in reader.index.fields.values() if f.list_path == list_path}


def label_scores(
    label: Sequence[Token], members: dict[str, Field], index: Index
) -> dict[str, float]:
    """Return how well a header cell's words announce each member, 0 to 1, by path.

    The whole cell is best, then the cell without brackets and currencies, then one of its
    alternatives (``Hrs/Qty``), then a phrase within it by its share, then a compound that
    ends in a phrase (``Zeilenbetrag``).
    """
    words = [token.fold for token in label if token.fold]
    core = [t.fold for t in label if t.fold and not is_currency(t.text) and t.text[0] not in "(["]
    length = max(1, len("".join(core)))
    scores: dict[str, float] = {}

    def add(text: str, *factors: tuple[str, float], is_ranked: bool = False) -> None:
        entry = index.entries.get(text)
        for path, rank in entry.ranks.items() if entry is not None else ():
            if path in members:
                score = total_of((*factors, ("head.rank", min(rank, 20) * is_ranked)))
                scores[path] = max(score, scores.get(path, 0))

    add("".join(words), ("head.whole", 1), is_ranked=True)
    add("".join(core), ("head.core", 1), is_ranked=True)
    for token in label:
        for part in token.text.split("/") if "/" in token.text else ():
            add(fold(part), ("head.alternative", 1))
    for start, end in _runs(core):
        run = "".join(core[start:end])
        if len(run) > 1:
            add(run, ("head.run", 1), ("head.share", len(run) / length))
    for word in core:
        for start in range(1, len(word) - _MIN_SUFFIX + 1):
            add(word[start:], ("head.ending", 1))
    return _with_codes(core, members, index, scores)


def _runs(words: Sequence[str]) -> list[tuple[int, int]]:
    """Return the starts and ends of the runs of up to five words that are not all of them."""
    num = len(words)
    return [
        (start, end)
        for start in range(num)
        for end in range(start + 1, min(start + _MAX_RUN, num) + 1)
        if end - start < num
    ]


def _with_codes(
    core: Sequence[str], members: dict[str, Field], index: Index, scores: dict[str, float]
) -> dict[str, float]:
    """Let ``Product ID`` announce a code, whichever word for it is known, and nothing else."""
    if len(core) < 2 or core[-1] not in _CODE_WORDS:
        return scores
    found = {path: score for path, score in scores.items() if members[path].kind is Kind.IDENTIFIER}
    for word in _CODE_WORDS:
        entry = index.entries.get("".join(core[:-1]) + word)
        for path in entry.ranks.keys() & members.keys() if entry is not None else ():
            if members[path].kind is Kind.IDENTIFIER:
                found[path] = max(total_of(given("head.code")), found.get(path, 0))
    return found


Scores = list[dict[str, float]]
"""Per column, the members its words may announce and how well, by path."""


def assign_labels(columns: Sequence[Column], members: dict[str, Field], scores: Scores) -> float:
    """Give each column the member its words announce; return the best sum of scores over all."""
    best: dict[frozenset[str], tuple[float, tuple[str | None, ...]]] = {frozenset(): (0, ())}
    for options in scores:
        following: dict[frozenset[str], tuple[float, tuple[str | None, ...]]] = {}
        for used, (total, chosen) in best.items():
            for path, score in ((None, 0), *options.items()):
                if path in used:
                    continue
                key = used if path is None else used | {path}
                if total + score > following.get(key, (-1, ()))[0]:
                    following[key] = (total + score, (*chosen, path))
        best = following
    total, chosen = max(best.values(), key=lambda item: item[0])
    for column, path in zip(columns, chosen, strict=True):
        column.field = members[path] if path else None
    return total


def score_table(columns: Sequence[Column], members: dict[str, Field], index: Index) -> Scores:
    """Return, per column, the members its words may announce and how well."""
    table: Scores = []
    for column in columns:
        meant = "tax" if is_tax(column.label) else sense(column.label) or ""
        scores: dict[str, float] = {}
        for path, score in label_scores(column.label, members, index).items():
            concept = index.concept_of.get(path, "")
            other = _OTHER_SENSE.get((concept, meant)) if score < level("column_sure") else None
            score *= score_of(given(other) if other else ())
            if score >= level("column_named") and _may_hold(column, members[path], concept):
                scores[path] = score * score_of(_fit(column, members[path]))
        table.append(scores)
    return table


def name_rest(columns: Sequence[Column], members: dict[str, Field], index: Index) -> None:
    """Name columns by what they hold where no label does.

    The last numbers right of a price are the row's amount, as is the price itself where there is
    nothing to multiply it with. Words left of a described item under a label of numbers are its
    code (``Item``). Numbers under a word for tax are its rate; the widest column of words is the
    text (``Services``).
    """
    wanted = {index.concept_of[path]: member for path, member in members.items()}
    held = {index.concept_of[c.field.path]: n for n, c in enumerate(columns) if c.field}
    if "line_net" in wanted and "line_net" not in held and "unit_price" in held:
        price = held["unit_price"]
        numbers = [n for n, column in enumerate(columns) if column.holds is Content.NUMBERS]
        free = [n for n in numbers if columns[n].field is None and not is_tax(columns[n].label)]
        if free and free[-1] > price:
            columns[free[-1]].field = wanted["line_net"]
        elif "quantity" not in held and len(numbers) < 2:
            columns[price].field = wanted["line_net"]
    is_open = columns[0].field is None and columns[0].holds is Content.WORDS
    if is_open and "product_code" in wanted and "product_code" not in held:
        known = label_scores(columns[0].label, members, index)
        if "description" in held and "line_no" in {index.concept_of[path] for path in known}:
            columns[0].field = wanted["product_code"]
    _name_by_kind(columns, list(members.values()))


def _name_by_kind(columns: Sequence[Column], members: Sequence[Field]) -> None:
    """Name the column of rates and that of the text, where none is yet."""
    rate = next((member for member in members if member.kind is Kind.PERCENT), None)
    taxes = [c for c in columns if c.field is None and is_tax(c.label)]
    has_numbers = len(taxes) == 1 and taxes[0].holds in (Content.NUMBERS, Content.BOTH)
    if rate is not None and has_numbers and not any(c.field is rate for c in columns):
        taxes[0].field = rate
    texts = [member for member in members if member.kind in (Kind.TEXT, Kind.NAME)]
    words = [c for c in columns if c.field is None and c.holds in (Content.WORDS, Content.BOTH)]
    widths = [(c.body[1] - c.body[0], n) for n, c in enumerate(words) if c.body is not None]
    if texts and widths and not any(column.field in texts for column in columns):
        words[max(widths)[1]].field = texts[0]


def signed_column(columns: Sequence[Column], members: dict[str, Field], index: Index) -> int | None:
    """Return the one unnamed column of numbers of a list of what came in and went out, or None."""
    concepts = {index.concept_of[path] for path in members}
    named = {index.concept_of[c.field.path] for c in columns if c.field}
    ways = {"deposit", "withdrawal"}
    free = [n for n, c in enumerate(columns) if c.field is None and c.holds is Content.NUMBERS]
    return free[0] if ways <= concepts and not ways & named and len(free) == 1 else None


def _may_hold(column: Column, member: Field, concept: str) -> bool:
    """Return whether what stands below a header cell can be a member's values at all."""
    if column.holds is Content.WORDS:
        return not (member.kind.is_number or concept == "line_no")
    return not (column.holds is Content.NUMBERS and member.kind is Kind.UNIT)


def _fit(column: Column, member: Field) -> Factors:
    """Return what stands below a header cell that speaks against a member's kind."""
    is_unit, is_text = member.kind is Kind.UNIT, member.kind in (Kind.TEXT, Kind.NAME)
    return (
        ("column.empty", column.holds is Content.NOTHING),
        ("column.unit_among_numbers", column.holds is Content.BOTH and is_unit),
        ("column.numbers_for_text", column.holds is Content.NUMBERS and is_text),
    )
