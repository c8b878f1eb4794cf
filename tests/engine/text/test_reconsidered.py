"""What a second reading puts in: a number, day or party that is missing, or held for a mistake."""

from __future__ import annotations

from collections.abc import Collection

from support.two_parties import CLUB, MAKER, block
from support.word_pages import A4, Printed, ask, leaf

from docextract.engine.text.labels.index import build_index
from docextract.engine.text.parties.blocks import Block, Party
from docextract.engine.text.scorer import given
from docextract.engine.text.second_reading.pieces import DATE, Piece, pieces_of
from docextract.engine.text.second_reading.reconsidered import reconsidered
from docextract.engine.text.second_reading.reconsidered_parties import reconsidered_parties
from docextract.engine.text.second_reading.second_opinion import SecondReading
from docextract.engine.text.text_document import Option, Reader, Token
from docextract.schema import Role
from docextract.schema.loading import load_schema
from docextract.verify.status.field_status import MIN_VERIFIED

PRINTED: tuple[Printed, ...] = (
    *block(50, 40, *MAKER), (400, 40, 14, "Invoice"), (400, 62, "Invoice no. 4417-B"),
    (400, 75, "Date 2 March 2025"), (50, 420, "Payable by 1 April 2025"),
    (400, 101, "Your order HR-2210."), *block(50, 140, "Bill to", *CLUB),
    (50, 336, "Ball valve"), (450, 336, "30.00"),
)  # fmt: skip


def read(*printed: Printed) -> Reader:
    return Reader.of([A4.page(*printed)], build_index(load_schema("invoice")))


def tokens(reader: Reader, text: str) -> list[Token]:
    """Return the tokens of a text that ends a line."""
    whole = next(s for s in reader.layout.segments if s.text.endswith(text))
    return whole.tokens_between(len(whole.text) - len(text), len(whole.text))


def option(reader: Reader, path: str, text: str, *factors: str) -> Option:
    return Option(path, tokens(reader, text), text, given(*factors))


def claimed(reader: Reader, role: Role, name: str, *factors: str) -> Party:
    return Party(role, Block(tokens(reader, name), []), given(*factors))


def test_missing_numbers_and_days_are_put_in() -> None:
    reader = read(*PRINTED)
    found = reconsidered(reader, SecondReading(reader, ()), {}, {})
    assert {path: option.text for path, option in found.items()} == {
        "invoice_number": "4417-B",
        "issue_date": "2 March 2025",
        "due_date": "1 April 2025",
        "purchase_order": "HR-2210",
    }
    assert all(option.is_second for option in found.values())


def test_what_both_hold_stays() -> None:
    reader = read(*PRINTED)
    held = {"issue_date": option(reader, "issue_date", "2 March 2025")}
    assert (
        reconsidered(reader, SecondReading(reader, ()), {}, held)["issue_date"]
        is held["issue_date"]
    )


def test_a_day_that_is_another_is_put_right() -> None:
    reader = read(*PRINTED)
    wrong = {"issue_date": option(reader, "issue_date", "1 April 2025")}
    found = reconsidered(reader, SecondReading(reader, ()), {}, wrong)
    assert found["issue_date"].text == "2 March 2025"


def test_one_print_is_not_put_in_twice() -> None:
    reader = read(*PRINTED)
    held = {"purchase_order": option(reader, "purchase_order", "4417-B")}
    found = reconsidered(reader, SecondReading(reader, ()), {}, held)
    assert found["purchase_order"].text == "4417-B"
    assert "invoice_number" not in found or found["invoice_number"].text != "4417-B"


def test_missing_parties_are_put_in_with_their_address() -> None:
    reader = read(*PRINTED)
    found = reconsidered_parties(reader, SecondReading(reader, ()), {})
    assert (found[Role.SELLER].text, found[Role.BUYER].text) == (MAKER[0], CLUB[0])
    assert found[Role.BUYER].address
    assert found[Role.SELLER].is_second


def test_a_guessed_party_is_put_right_and_a_sure_one_stays() -> None:
    reader = read(*PRINTED)
    second = SecondReading(reader, ())
    guess = claimed(reader, Role.BUYER, CLUB[2], "window.base")
    sure = claimed(reader, Role.BUYER, CLUB[2], "named.with_address")
    assert reconsidered_parties(reader, second, {Role.BUYER: guess})[Role.BUYER].text == CLUB[0]
    assert reconsidered_parties(reader, second, {Role.BUYER: sure})[Role.BUYER] is sure


def test_a_shop_that_is_alone_stays() -> None:
    page = A4.page(*PRINTED)
    reader = Reader.of([page], build_index(load_schema("receipt")))
    guess = claimed(reader, Role.SELLER, CLUB[2], "window.base")
    found = reconsidered_parties(reader, SecondReading(reader, ()), {Role.SELLER: guess})
    assert found[Role.SELLER] is guess


def test_nobody_is_both_parties() -> None:
    reader = read(*PRINTED)
    seller = claimed(reader, Role.SELLER, CLUB[0], "named.with_address")
    found = reconsidered_parties(reader, SecondReading(reader, ()), {Role.SELLER: seller})
    assert Role.BUYER not in found or found[Role.BUYER].text != CLUB[0]


def test_what_one_reading_alone_holds_is_doubted() -> None:
    head = (*block(50, 40, *MAKER), (400, 40, 14, "Invoice"), (400, 62, "Invoice no. 4417-B"))
    answer = ask("invoice", A4.page(*head, (350, 130, CLUB[0]), (50, 290, "Hire of a boat")))
    assert leaf(answer.values, "buyer.name") == CLUB[0]
    assert answer.second_odds["buyer.name"] < 0
    assert answer.probabilities["buyer.name"] < MIN_VERIFIED


def test_a_day_of_something_else_is_not_put_in_however_likely() -> None:
    reader = read((50, 230, "Arrival: 22 November 2025"))
    piece = next(piece for piece in pieces_of(reader, ()) if piece.form == DATE)

    class Sure(SecondReading):
        def likeliest(self, path: str, taken: Collection[int]) -> Piece | None:
            return piece if path == "issue_date" else None

    assert reconsidered(reader, Sure(reader, ()), {}, {}) == {}


def test_a_day_behind_words_no_rule_knows_is_read_and_doubted() -> None:
    kept = [run for run in PRINTED if "2025" not in str(run[-1])]
    answer = ask("invoice", A4.page(*kept, (400, 75, "Drawn up: 2 March 2025")))
    assert leaf(answer.values, "issue_date") == "2 March 2025"
    assert answer.second_odds["issue_date"] < 0


def test_what_rules_speak_against_is_not_put_in() -> None:
    reader = read(*PRINTED)
    option = Option(
        "issue_date", tokens(reader, "2 March 2025"), "2 March 2025", given("date.in_period")
    )
    found = reconsidered(reader, SecondReading(reader, ()), {"issue_date": [option]}, {})
    assert "issue_date" not in found


def test_the_invoice_that_is_credited_is_not_put_in() -> None:
    reader = read((400, 40, 18, "Credit Memo"), (400, 62, "Invoice no. 4417-B"), *PRINTED[:3])
    found = reconsidered(reader, SecondReading(reader, ()), {}, {})
    assert "invoice_number" not in found


def test_a_line_of_an_order_is_not_put_in() -> None:
    kept = [run for run in PRINTED if "HR-2210" not in str(run[-1])]
    reader = read(*kept, (400, 101, "Your order HR-2210 line 3"))
    found = reconsidered(reader, SecondReading(reader, ()), {}, {})
    assert "purchase_order" not in found
