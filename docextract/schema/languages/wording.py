"""Says how a page may put the name of a field: other order, other words, shorter forms.

Knows nothing of kinds of document or of the vocabulary; it only rearranges English words.
"""

from __future__ import annotations

import itertools
import re

MAX_PHRASES = 60
"""More ways of saying a field only cost time: the likely ones come first."""

_SAME = (
    "start from begin beginning starts starting commencement",
    "end to until through ending ends",
    "expiry expiration expires expiring",
    "amount total sum value",
    "max maximum", "min minimum", "avg average",
    "number num", "id identification",
    "reference ref", "registration reg", "account acct", "quantity qty", "amount amt",
    "description desc", "address addr", "department dept", "telephone tel phone",
    "percent pct %", "approved approval", "received receipt", "issued issue", "birth born",
    "vendor supplier seller", "customer client buyer", "employer company",
    "tin taxpayer_identification_number tax_id_number",
    "ein employer_identification_number id_number employer_id",
    "ssn social_security_number", "dob date_of_birth birth_date", "eta estimated_arrival",
    "zip postal_code zip_code postcode", "vat tax", "withheld withholding", "paid payment",
    "term duration", "jurisdiction governing_law", "weight wt", "net nett", "gross brutto",
)  # fmt: skip
_ALTERNATIVES: dict[str, tuple[str, ...]] = {}
for _group in _SAME:
    _members = [word.replace("_", " ") for word in _group.split()]
    for _word in _members:
        _known = _ALTERNATIVES.get(_word, ())
        _ALTERNATIVES[_word] = (*_known, *(m for m in _members if m not in (_word, *_known)))

_HEADS = frozenset(
    {
        "date", "number", "no", "id", "name", "address", "amount", "total", "type", "code",
        "period", "rate", "status", "title", "place", "country", "city", "price", "value",
    }
)  # fmt: skip
_KIND_HEADS = frozenset({"date", "number", "no", "num", "name", "amount", "id", "value"})
_PERSONS = frozenset(
    {
        "payer", "payee", "recipient", "employer", "employee", "customer", "client", "buyer",
        "seller", "vendor", "supplier", "patient", "owner", "tenant", "landlord", "borrower",
        "lender", "insured", "applicant", "requester", "holder", "sender", "agent", "member",
        "student", "spouse", "guest", "passenger", "registrant", "company", "bank", "state",
    }
)  # fmt: skip
_SMALL = frozenset({"of", "the", "and", "for", "in", "a"})
_BARE = frozenset(
    {
        "start", "end", "from", "to", "the", "total", "first", "last", "full", "legal", "new",
        "other", "own", "a", "is", "has", "tax", "pay", "state", "second", "family", "given",
        "middle", "nick", "user", "file", "page", "line", "item", "serial", "phone", "reference",
    }
)  # fmt: skip


def wordings(words: list[str]) -> tuple[str, ...]:
    """Return phrases that may announce a field of these name words, likeliest first.

    ``["registrant", "name"]`` gives ``registrant name``, ``name of registrant``,
    ``name of the registrant`` ... and last ``registrant``, the name without the word
    that only says its kind.
    """
    asked = [w for w in words if w not in ("is", "has")] or words
    spelled = list(_spelled(asked))
    turned = [phrase for each in spelled for phrase in _turned(each)]
    short = [" ".join(s) for s in (_shortened(each) for each in spelled) if s]
    phrases = [*(" ".join(each) for each in spelled), *turned, *short]
    return tuple(dict.fromkeys(phrases))[:MAX_PHRASES]


def described(description: str) -> tuple[str, ...]:
    """Return the labels a field's description names: what it quotes, or a few words all told."""
    quoted = re.findall(r"[\"'“‘„«]([^\"'”’“»]{2,40})[\"'”’“»](?!\w)", description)
    own = description.strip().rstrip(".")
    whole = [own] if 0 < len(own.split()) <= 4 and not quoted else []
    return tuple(dict.fromkeys(phrase.strip().lower() for phrase in (*quoted, *whole)))


def _spelled(words: list[str]) -> list[list[str]]:
    """Return the words as given, then with words exchanged for ones that mean the same."""
    choices = [(word, *_ALTERNATIVES.get(word, ()), *_singular(word)) for word in words]
    choices[-1] += _plural(words[-1])
    if len(words) > 1 and words[0] in _PERSONS:
        choices[0] = (words[0], f"{words[0]}'s", *choices[0][1:])
    combos = sorted(
        itertools.islice(itertools.product(*(range(len(c)) for c in choices)), 64),
        key=lambda combo: (sum(n > 0 for n in combo), sum(combo)),
    )
    spelled = [[choices[at][n] for at, n in enumerate(combo)] for combo in combos[:16]]
    return [_once(" ".join(each).split()) for each in spelled]


def _once(words: list[str]) -> list[str]:
    """Return words without one said twice: ``employer employer identification number``."""
    return [w for at, w in enumerate(words) if at == 0 or w != words[at - 1].removesuffix("'s")]


def _singular(word: str) -> tuple[str, ...]:
    return (word[:-1],) if len(word) > 3 and word.endswith("s") and word[-2] not in "su" else ()


def _plural(word: str) -> tuple[str, ...]:
    return () if len(word) < 3 or word.endswith("s") else (f"{word}s",)


def _turned(words: list[str]) -> list[str]:
    """Return the words in the orders that forms print: ``date received``, ``name of payer``."""
    rest, head = [w for w in words[:-1] if w not in _SMALL], words[-1]
    if "of" in words[1:-1]:
        at = words.index("of", 1)
        after = [w for w in words[at + 1 :] if w not in _SMALL]
        return [" ".join([*after, *words[:at]])]
    if not rest or head not in _HEADS:
        return []
    whose = " ".join(rest)
    return [f"{head} of {whose}", f"{head} of the {whose}", f"{head} {whose}"]


def _shortened(words: list[str]) -> list[str]:
    """Return the words without a last one that only says what kind of value follows."""
    rest = [w for w in words[:-1] if w not in _SMALL]
    if words[-1] not in _KIND_HEADS or not rest or (len(rest) == 1 and rest[0] in _BARE):
        return []
    return [*rest, "on"] if words[-1] == "date" and rest[-1].endswith(("ed", "es")) else rest
