"""Decides which column holds which member, by the words of its header and what is below.

Knows nothing of pages: it sees header cells and the numbers below them.
"""

from __future__ import annotations

from collections.abc import Sequence

from docextract.engine.text.labels.total_kinds import is_tax, sense
from docextract.engine.text.tables.columns.columns import Column, Content
from docextract.engine.text.text_document import Index, Reader, Token, fold, fold_words
from docextract.engine.text.values.amounts import is_currency
from docextract.schema import Field, Kind

_MIN_SCORE = 0.45
_MIN_SUFFIX = 4
_MAX_RUN = 5
_EXACT = 0.9
_CODE_WORDS = fold_words("codes", "number") | {"id", "code"}
_OTHER_SENSE = {
    "line_net": {"tax": 0.4, "gross": 0.8},
    "unit_price": {"tax": 0.4},
    "tax_rate": {"net": 0.4, "gross": 0.4},
}
"""What a label's words weigh for a member when they mean another total."""


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

    def add(text: str, best: float, is_ranked: bool = True) -> None:
        entry = index.entries.get(text)
        for path, rank in entry.ranks.items() if entry is not None else ():
            if path in members:
                score = best - 0.005 * min(rank, 20) * is_ranked
                scores[path] = max(score, scores.get(path, 0.0))

    add("".join(words), 1.0)
    add("".join(core), 0.97)
    for token in label:
        for part in token.text.split("/") if "/" in token.text else ():
            add(fold(part), 0.85, is_ranked=False)
    for start, end in _runs(core):
        run = "".join(core[start:end])
        if len(run) > 1:
            add(run, 0.45 + 0.5 * len(run) / length, is_ranked=False)
    for word in core:
        for start in range(1, len(word) - _MIN_SUFFIX + 1):
            add(word[start:], 0.55, is_ranked=False)
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
                found[path] = max(0.9, found.get(path, 0.0))
    return found


Scores = list[dict[str, float]]
"""Per column, the members its words may announce and how well, by path."""


def assign_labels(columns: Sequence[Column], members: dict[str, Field], scores: Scores) -> float:
    """Give each column the member its words announce; return the best sum of scores over all."""
    best: dict[frozenset[str], tuple[float, tuple[str | None, ...]]] = {frozenset(): (0.0, ())}
    for options in scores:
        following: dict[frozenset[str], tuple[float, tuple[str | None, ...]]] = {}
        for used, (total, chosen) in best.items():
            for path, score in ((None, 0.0), *options.items()):
                if path in used:
                    continue
                key = used if path is None else used | {path}
                if total + score > following.get(key, (-1.0, ()))[0]:
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
            other = _OTHER_SENSE.get(index.concept_of.get(path, ""), {})
            weight = other.get(meant, 1.0) if score < _EXACT else 1.0
            if column.holds is Content.WORDS and index.concept_of.get(path) == "line_no":
                continue
            if score * weight >= _MIN_SCORE and (fit := _fit(column, members[path])):
                scores[path] = score * weight * fit
        table.append(scores)
    return table


def name_rest(columns: Sequence[Column], members: dict[str, Field], index: Index) -> None:
    """Name columns by what they hold where no label does.

    The widest column of words is the text (``Services``); numbers under a word for tax are
    its rate; the last numbers right of a price are the row's amount.
    """
    _name_amount(columns, members, index)
    _name_code(columns, members, index)
    _name_price(columns, members, index)
    rate = next((m for m in members.values() if m.kind is Kind.PERCENT), None)
    taxes = [c for c in columns if c.field is None and is_tax(c.label)]
    holds = {c.holds for c in taxes} & {Content.NUMBERS, Content.BOTH}
    if rate and holds and len(taxes) == 1 and not any(c.field is rate for c in columns):
        taxes[0].field = rate
    texts = [member for member in members.values() if member.kind in (Kind.TEXT, Kind.NAME)]
    if not texts or any(column.field in texts for column in columns):
        return
    free = [c for c in columns if c.field is None and c.holds in (Content.WORDS, Content.BOTH)]
    free = [column for column in free if column.body is not None]
    if free:
        widest = max(free, key=lambda c: c.body[1] - c.body[0] if c.body else 0.0)
        widest.field = texts[0]


def _name_amount(columns: Sequence[Column], members: dict[str, Field], index: Index) -> None:
    concept = {id(c): index.concept_of.get(c.field.path, "") for c in columns if c.field}
    amount = next((m for path, m in members.items() if index.concept_of[path] == "line_net"), None)
    if amount is None or "unit_price" not in concept.values() or "line_net" in concept.values():
        return
    price = next(n for n, c in enumerate(columns) if concept.get(id(c)) == "unit_price")
    free = [
        column for column in columns[price + 1 :]
        if column.field is None and column.holds is Content.NUMBERS and not is_tax(column.label)
    ]  # fmt: skip
    if free:
        free[-1].field = amount


def _name_code(columns: Sequence[Column], members: dict[str, Field], index: Index) -> None:
    """Take words left of a described item, under a label of numbers, for its code: ``Item``."""
    concept = {id(c): index.concept_of.get(c.field.path, "") for c in columns if c.field}
    code = next((m for p, m in members.items() if index.concept_of[p] == "product_code"), None)
    first = columns[0]
    is_free = first.field is None and first.holds is Content.WORDS
    if code is None or not is_free or {"product_code"} & set(concept.values()):
        return
    known = label_scores(first.label, members, index)
    is_number = any(index.concept_of.get(path) == "line_no" for path in known)
    if is_number and "description" in concept.values():
        first.field = code


def _name_price(columns: Sequence[Column], members: dict[str, Field], index: Index) -> None:
    """Take the one column of prices for the rows' amounts where no quantity is printed."""
    concept = {index.concept_of.get(c.field.path, ""): c for c in columns if c.field}
    amount = next((m for p, m in members.items() if index.concept_of[p] == "line_net"), None)
    others = sum(c.holds is Content.NUMBERS for c in columns)
    if amount is None or "unit_price" not in concept or others > 1:
        return
    if not {"line_net", "quantity"} & concept.keys():
        concept["unit_price"].field = amount


def signed_column(columns: Sequence[Column], members: dict[str, Field], index: Index) -> int | None:
    """Return the one unnamed column of numbers of a list of what came in and went out, or None."""
    concepts = {index.concept_of[path] for path in members}
    named = {index.concept_of[c.field.path] for c in columns if c.field}
    ways = {"deposit", "withdrawal"}
    free = [n for n, c in enumerate(columns) if c.field is None and c.holds is Content.NUMBERS]
    return free[0] if ways <= concepts and not ways & named and len(free) == 1 else None


def _fit(column: Column, member: Field) -> float:
    """Return how well what stands below a header cell suits a member's kind, 0 to 1."""
    if column.holds is Content.NOTHING:
        return 0.6
    if column.holds is Content.WORDS and member.kind.is_number:
        return 0.0
    if member.kind is Kind.UNIT and column.holds in (Content.NUMBERS, Content.BOTH):
        return 0.0 if column.holds is Content.NUMBERS else 0.5
    is_bare = column.holds is Content.NUMBERS and member.kind in (Kind.TEXT, Kind.NAME)
    return 0.7 if is_bare else 1.0
