"""Decides which column holds which member, by the words of its header and by arithmetic.

Knows nothing of pages: it sees header cells and the numbers below them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import permutations

from docextract.engine.text.candidates import is_currency
from docextract.engine.text.columns import Column, Content
from docextract.engine.text.evidence import Reader
from docextract.engine.text.senses import sense
from docextract.engine.text.tokens import Token, fold
from docextract.schema.fields import Field
from docextract.schema.kinds import Kind

_MIN_SCORE = 0.45
_MIN_SUFFIX = 4
_CODE_WORDS = frozenset({"id", "no", "nr", "num", "number", "numero", "nummer", "code"})
_OTHER_SENSE = {"line_net": {"tax": 0.4, "gross": 0.8}, "unit_price": {"tax": 0.4}}

Values = Sequence[dict[int, float]]
"""Of each row, the number in each column."""


def members_of(reader: Reader, list_path: str) -> dict[str, Field]:
    """Return the members of a list by path."""
    return {f.path: f for f in reader.index.fields.values() if f.list_path == list_path}


@lru_cache(maxsize=512)
def _phrases(labels: tuple[str, ...], is_code: bool) -> dict[str, int]:
    """Return the rank of each folded phrase; of codes also without their ``no`` or ``id``."""
    found: dict[str, int] = {}
    for rank, phrase in enumerate(labels):
        found.setdefault(fold(phrase), rank)
        words = [fold(word) for word in phrase.replace("-", " ").split()]
        if is_code and len(words) > 1 and _CODE_WORDS & {*words}:
            found.setdefault("".join(w for w in words if w not in _CODE_WORDS), rank + 5)
    found.pop("", None)
    return found


def label_score(label: Sequence[Token], member: Field) -> float:
    """Return how well a header cell's words announce a member, 0 to 1.

    The whole cell is best, then the cell without brackets and currencies, then one of its
    alternatives (``Hrs/Qty``), then a phrase within it by its share, then a compound that
    ends in a phrase (``Zeilenbetrag``).
    """
    is_code = member.kind is Kind.IDENTIFIER
    phrases = _phrases(tuple(member.labels), is_code)
    words = [token.fold for token in label if token.fold]
    core = [t.fold for t in label if t.fold and not is_currency(t.text) and t.text[0] not in "(["]
    bare = "".join(w for w in core if not (is_code and len(core) > 1 and w in _CODE_WORDS))
    for text, best in (("".join(words), 1.0), ("".join(core), 0.97), (bare, 0.92)):
        if text in phrases:
            return best - 0.005 * min(phrases[text], 20)
    if not is_code and len(core) > 1 and core[-1] in _CODE_WORDS:
        return 0.0
    parts = [fold(part) for token in label for part in token.text.split("/") if "/" in token.text]
    if any(part in phrases for part in parts):
        return 0.85
    runs = ["".join(core[a:b]) for a in range(len(core)) for b in range(a + 1, min(a + 5, len(core) + 1))]
    longest = max((len(run) for run in runs if run in phrases), default=0)
    if longest > 1:
        return 0.45 + 0.5 * longest / len("".join(core))
    ends = tuple(phrase for phrase in phrases if len(phrase) >= _MIN_SUFFIX)
    return 0.55 if ends and any(word.endswith(ends) for word in core) else 0.0


def _score(label: Sequence[Token], member: Field, concept: str) -> float:
    score = label_score(label, member)
    if 0 < score < 0.9:
        score *= _OTHER_SENSE.get(concept, {}).get(sense(label) or "", 1.0)
    return score if score >= _MIN_SCORE else 0.0


def assign_labels(
    columns: Sequence[Column],
    members: dict[str, Field],
    concepts: dict[str, str] | None = None,
) -> list[float]:
    """Give each column the member its words announce, the best sum of scores over all.

    Returns:
        The scores of the columns that got a member.
    """
    table = score_table(columns, members, concepts or {})
    best: dict[frozenset[str], tuple[float, tuple[str | None, ...]]] = {frozenset(): (0.0, ())}
    for scores in table:
        following: dict[frozenset[str], tuple[float, tuple[str | None, ...]]] = {}
        for used, (total, chosen) in best.items():
            for path, score in ((None, 0.0), *scores.items()):
                if path in used:
                    continue
                key = used if path is None else used | {path}
                if total + score > following.get(key, (-1.0, ()))[0]:
                    following[key] = (total + score, (*chosen, path))
        best = following
    _, chosen = max(best.values(), key=lambda item: item[0])
    for column, path in zip(columns, chosen, strict=True):
        column.field = members[path] if path else None
    return [scores[path] for scores, path in zip(table, chosen, strict=True) if path]


def score_table(
    columns: Sequence[Column], members: dict[str, Field], concepts: dict[str, str]
) -> list[dict[str, float]]:
    """Return, per column, the members its words may announce and how well."""
    return [
        {
            path: score
            for path, member in members.items()
            if (score := _fit(column, member) * _score(column.label, member, concepts.get(path, "")))
        }
        for column in columns
    ]


def _fit(column: Column, member: Field) -> float:
    """Return how well what stands below a header cell suits a member's kind, 0 to 1."""
    if column.holds is Content.NOTHING:
        return 0.6
    if column.holds is Content.WORDS and member.kind.is_number:
        return 0.0
    if column.holds is Content.NUMBERS and member.kind is Kind.UNIT:
        return 0.0
    is_bare = column.holds is Content.NUMBERS and member.kind in (Kind.TEXT, Kind.NAME)
    return 0.7 if is_bare else 1.0


_PRODUCT = ("quantity", "unit_price", "line_net")
_PROOF = 1.5


def settle_by_product(
    columns: Sequence[Column], members: dict[str, Field], concepts: dict[str, str], rows: Values
) -> None:
    """Give quantity, unit price and amount to the columns of which quantity x price = amount.

    Labels alone decide where no row proves anything; a proof outweighs labels that say
    otherwise (``Prix`` over ``HT``). The remaining columns keep to their labels.

    Args:
        columns: the table's columns, whose ``field`` is set.
        members: the list's members by path.
        concepts: what each member stands for.
        rows: the numbers of each row.
    """
    paths = {concepts.get(path, ""): path for path in members}
    if not all(name in paths for name in _PRODUCT):
        return
    table = score_table(columns, members, concepts)
    numeric = _numeric_columns(columns, table, members, rows)
    held = [
        next((n for n, c in enumerate(columns) if c.field is members[paths[name]]), None)
        for name in _PRODUCT
    ]
    labels = [table[n].get(paths[m], 0.0) for n, m in zip(held, _PRODUCT, strict=True) if n is not None]
    best: tuple[float, tuple[int, int, int] | None] = (sum(labels), None)
    for triple in permutations(numeric, 3):
        proof = _proof(rows, *triple)
        if not proof:
            continue
        score = _PROOF * proof + 0.1 * (triple[1] < triple[2])
        score += sum(table[n].get(paths[name], 0.0) for n, name in zip(triple, _PRODUCT, strict=True))
        score += 0.05 * (tuple(held) == triple)
        if score > best[0]:
            best = (score, triple)
    if best[1] is None:
        return
    chosen = dict(zip(best[1], _PRODUCT, strict=True))
    rest = [column for n, column in enumerate(columns) if n not in chosen]
    taken = {paths[name] for name in _PRODUCT}
    assign_labels(rest, {p: m for p, m in members.items() if p not in taken}, concepts)
    for index, name in chosen.items():
        columns[index].field = members[paths[name]]


def _numeric_columns(
    columns: Sequence[Column],
    table: Sequence[dict[str, float]],
    members: dict[str, Field],
    rows: Values,
) -> list[int]:
    """Return the columns with numbers in them that no label makes a code, text or rate."""
    others = [
        {p for p in scores if not members[p].kind.is_number or members[p].kind is Kind.PERCENT}
        for scores in table
    ]
    found = []
    for index in range(len(columns)):
        filled = sum(index in row for row in rows)
        is_other = any(table[index][path] >= 0.7 for path in others[index])
        if filled and 2 * filled >= len(rows) and not is_other:
            found.append(index)
    return found[:10]


def _proof(rows: Values, count: int, price: int, amount: int) -> float:
    """Return the share of rows whose amount is count x price, 0 without a telling one.

    A row with a count of one tells price and amount apart no better than their labels; it
    counts, but proves nothing alone unless the amounts differ from each other.
    """
    full = [row for row in rows if count in row and price in row and amount in row]
    holds = [row for row in full if is_product(row[count], row[price], row[amount])]
    if not holds or 2 * len(holds) < len(full):
        return 0.0
    if all(abs(row[amount]) in (0, 1) for row in holds):
        return 0.0
    is_telling = any(row[count] != 1 and row[price] != 1 for row in holds)
    return len(holds) / len(rows) * (1.0 if is_telling else 0.5)


def triple_of(
    columns: Sequence[Column], concepts: dict[str, str]
) -> tuple[int, int, int] | None:
    """Return the indexes of the columns of quantity, unit price and amount, or None."""
    index = {concepts.get(c.field.path): n for n, c in enumerate(columns) if c.field}
    if not all(name in index for name in _PRODUCT):
        return None
    return index["quantity"], index["unit_price"], index["line_net"]


def is_product(count: float, price: float, amount: float) -> bool:
    """Return whether an amount is a product, up to the rounding of a printed price."""
    slack = min(0.011 + 0.005 * abs(count), 0.011 + 0.01 * abs(amount))
    return abs(abs(count * price) - abs(amount)) <= slack
