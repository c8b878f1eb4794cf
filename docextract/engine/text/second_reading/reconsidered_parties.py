"""Lets a second reading name the party that is missing, or that it holds for another.

Knows nothing of how either reading works.
"""

from __future__ import annotations

from docextract.engine.text.parties.blocks import Party, block_from, read_block
from docextract.engine.text.parties.contacts import clean_name
from docextract.engine.text.second_reading.pieces import Piece
from docextract.engine.text.second_reading.second_opinion import SecondReading
from docextract.engine.text.text_document import Reader, given, level
from docextract.engine.text.values.names import is_beginning, is_no_name, is_same_name
from docextract.schema import Kind, Role


def reconsidered_parties(
    reader: Reader, second: SecondReading, parties: dict[Role, Party]
) -> dict[Role, Party]:
    """Return the parties found, with those that a second reading puts in.

    A shop on its receipt, which is the only party there, is never put in another's place: as
    often as not that made it worse.
    """
    found = dict(parties)
    items = [it for it in reader.index.fields.values() if it.kind is Kind.NAME and not it.list_path]
    is_alone = len({it.role for it in items if it.role}) == 1
    for item in items:
        held = found.get(item.role) if item.role else None
        if item.role is None or (held and (is_alone or not _is_overruled(second, item.path, held))):
            continue
        others = [party for role, party in found.items() if role is not item.role]
        piece = second.likeliest(item.path, {id(t) for party in others for t in party.name})
        party = _party(reader, item.role, piece) if piece is not None else None
        if party is not None and not any(_is_one(party, other) for other in others):
            found[item.role] = party
    return found


def odds_of_party(reader: Reader, second: SecondReading, party: Party) -> float | None:
    """Return how much likelier a claim's name is its role's than any other print, if known."""
    fields = reader.index.fields.values()
    names = (it for it in fields if it.kind is Kind.NAME and not it.list_path)
    path = next((it.path for it in names if it.role is party.role), None)
    return second.odds(path, party.name) if path else None


def _is_one(one: Party, other: Party) -> bool:
    """Return whether two names are one, or one is how the other begins."""
    texts = one.text, other.text
    return is_same_name(*texts) or is_beginning(*texts)


def _is_overruled(second: SecondReading, path: str, held: Party) -> bool:
    """Return whether a name is hardly more than a guess, and another print likelier."""
    return held.score < level("likely") and second.overrules(path, held.name)


def _party(reader: Reader, role: Role, piece: Piece) -> Party | None:
    """Return the party whose name a piece is, with the address below it."""
    below = [segment.tokens for segment in block_from(reader, piece.segment)[1:]]
    block = read_block(reader, [piece.tokens, *below], has_name=True)
    if block is None or is_no_name(clean_name(block.name)):
        return None
    return Party(role, block, given("second.name"))
