"""The second reading: what it cuts a page into, how it weighs, what it says of the first one."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.two_parties import CLUB, MAKER, block
from support.word_pages import A4, Printed, ask, leaf

from docextract.core import Page
from docextract.engine.text.labels.index import build_index
from docextract.engine.text.second_reading.fit_weights import BIAS, FitWeights, shipped_fit_weights
from docextract.engine.text.second_reading.pieces import CODE, DATE, NAME, pieces_of
from docextract.engine.text.second_reading.print_features import PrintFeatures, names_of
from docextract.engine.text.second_reading.second_opinion import (
    THINGS,
    SecondReading,
    Weigher,
    kind_of,
)
from docextract.engine.text.text_document import Reader, Token
from docextract.schema.loading import load_schema

HEAD: tuple[Printed, ...] = (
    *block(50, 40, *MAKER), (400, 40, 14, "Invoice"), (400, 62, "Invoice no. 4417-B"),
    (400, 75, "Date 2 March 2025"), (50, 420, "Payable by 1 April 2025"),
    *block(50, 140, "Bill to", *CLUB),
)  # fmt: skip
BODY: tuple[Printed, ...] = (
    (50, 320, "Description"), (330, 320, "Quantity"), (440, 320, "Amount"),
    (50, 336, "Ball valve"), (340, 336, "2"), (450, 336, "30.00"),
    (330, 380, "Total"), (450, 380, "30.00"),
)  # fmt: skip


def read(*printed: Printed, schema: str = "invoice") -> Reader:
    return Reader.of([A4.page(*printed)], build_index(load_schema(schema)))


def texts(form: str, *printed: Printed) -> list[str]:
    return [piece.text for piece in pieces_of(read(*printed), ()) if piece.form == form]


def tokens(reader: Reader, text: str) -> list[Token]:
    return next(s.tokens for s in reader.layout.segments if s.text == text)


def test_a_sender_line_holds_the_name_before_its_address() -> None:
    found = texts(NAME, (50, 120, "Ostwall Pumpen GmbH · Am Deich 4 · 26721 Emden"))
    assert "Ostwall Pumpen GmbH" in found
    assert "Ostwall Pumpen GmbH · Am Deich 4 · 26721 Emden" in found


def test_a_name_stands_behind_the_colon_of_its_label() -> None:
    assert "Ostwall Pumpen GmbH" in texts(NAME, (50, 120, "Supplier: Ostwall Pumpen GmbH"))


def test_days_and_prices_are_no_numbers_of_documents() -> None:
    printed: tuple[Printed, ...] = ((50, 120, "4417-B"), (50, 140, "2 March 2025"))
    printed = (*printed, (50, 160, "1,230.00"))
    assert texts(CODE, *printed) == ["4417-B"]
    assert texts(DATE, *printed) == ["2 March 2025"]


def test_segments_of_tables_have_no_pieces() -> None:
    reader = read(*HEAD)
    skipped = {id(segment) for segment in reader.layout.segments if segment.text == MAKER[0]}
    assert MAKER[0] not in [piece.text for piece in pieces_of(reader, skipped)]
    assert MAKER[0] in [piece.text for piece in pieces_of(reader, ())]


def test_a_page_of_countless_words_has_a_bounded_number_of_pieces() -> None:
    line = [(float(10 + 4 * n), 100.0, 1.0, f"A{n}") for n in range(140)]
    lines = [(10.0, float(120 + 0.4 * n), 0.2, f"Number {n}: B{n}") for n in range(1600)]
    found = list(pieces_of(read(*line, *lines), ()))
    assert len(found) == 1500
    assert sum(piece.text.startswith("A") and piece.form == CODE for piece in found) <= 40


def test_only_the_first_page_with_words_is_cut() -> None:
    pages = [Page(1, 595, 842), A4.page((50, 50, "First"), number=2)]
    pages.append(A4.page((50, 50, "Second"), number=3))
    reader = Reader.of(pages, build_index(load_schema("invoice")))
    assert [piece.text for piece in pieces_of(reader, ())] == ["First"]


def test_a_piece_is_told_by_its_words_and_those_around_it() -> None:
    reader = read((50, 100, "Bill to"), (50, 113, "Acme Tools Ltd"), (50, 126, "7 Quay Lane"))
    piece = next(p for p in pieces_of(reader, ()) if p.text == "Acme Tools Ltd")
    features = PrintFeatures(reader, kind_of(reader.index))
    own = {name for feature in features.of(*piece) for name in names_of(feature)}
    around = {name for feature in features.around(piece.segment) for name in names_of(feature)}
    assert {"t=acme", "t=ltd", "t#XXX$", "t*3", "formname", "kindinvoice"} <= own
    assert {"A0=bill", "A=to", "A0@buyer", "B0=quay", "B0=1d", "x0"} <= around


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=6), min_size=1, max_size=8))
def test_the_classes_of_a_piece_add_up_to_one(pieces: list[list[str]]) -> None:
    rows = {BIAS: (0.5, 0.0), "a": (1.0, -2.0), "b": (0.0, 30.0), "c": (-4.0, 0.25)}
    weights = FitWeights(("none", "seller"), rows)
    features = [
        [weights.rows_of([(name, "")])[0] for name in own if name in rows] for own in pieces
    ]
    found = weights.log_probabilities(features)
    assert found.shape == (len(pieces), 2)
    for own, row in zip(pieces, found.tolist(), strict=True):
        margin = sum(rows[n][1] - rows[n][0] for n in (BIAS, *own) if n in rows)
        assert math.isclose(sum(map(math.exp, row)), 1.0, rel_tol=1e-4)
        assert math.isclose(row[1] - row[0], margin, rel_tol=1e-4, abs_tol=1e-4)


def test_what_has_no_weight_says_nothing() -> None:
    weights = FitWeights(("none", "seller"), {BIAS: (0.0, 0.0)})
    assert weights.rows_of([("t", "Acme"), ("x", "3")]) == []


@pytest.mark.parametrize(
    ("path", "right", "other"),
    [
        ("seller.name", MAKER[0], CLUB[0]),
        ("buyer.name", CLUB[0], MAKER[0]),
        ("buyer.name", CLUB[0], CLUB[1]),
    ],
)
def test_the_right_print_is_likelier_than_another(path: str, right: str, other: str) -> None:
    reader = read(*HEAD, *BODY)
    second = SecondReading(reader, ())
    for_right, for_other = (second.odds(path, tokens(reader, text)) for text in (right, other))
    assert for_right is not None
    assert for_other is not None
    assert for_right > 0 > for_other
    assert second.overrules(path, tokens(reader, other))
    assert not second.overrules(path, tokens(reader, right))


def test_days_are_told_apart() -> None:
    reader = read(*HEAD, *BODY)
    issued, due = reader.all_of(load_schema("invoice").field_at("due_date").kind)  # type: ignore[union-attr]
    second = SecondReading(reader, ())
    for path, own, other in (("issue_date", issued, due), ("due_date", due, issued)):
        assert (second.odds(path, own.tokens) or 0) > 0 > (second.odds(path, other.tokens) or 0)


def test_a_print_is_no_rival_of_itself_said_again() -> None:
    alone, twice = read(*HEAD), read(*HEAD, (50, 700, f"{MAKER[0]} · Am Deich 4 · 26721 Emden"))
    odds = [SecondReading(r, ()).odds("seller.name", tokens(r, MAKER[0])) for r in (alone, twice)]
    assert odds[1] is not None
    assert odds[1] > 0


def test_fields_of_other_kinds_have_no_second_reading() -> None:
    reader = read(*HEAD, *BODY)
    second = SecondReading(reader, ())
    assert second.odds("seller.address", tokens(reader, MAKER[1])) is None
    assert second.likeliest("totals.gross", ()) is None


def test_print_beyond_the_first_page_has_no_odds() -> None:
    pages = [A4.page(*HEAD), A4.page((50, 50, "Acme Tools Ltd"), number=2)]
    reader = Reader.of(pages, build_index(load_schema("invoice")))
    second = SecondReading(reader, ())
    assert second.odds("seller.name", tokens(reader, "Acme Tools Ltd")) is None


def test_what_is_taken_is_not_offered_again() -> None:
    reader = read(*HEAD, *BODY)
    second, name = SecondReading(reader, ()), tokens(reader, MAKER[0])
    first = second.likeliest("seller.name", ())
    assert first is not None
    assert first.text == MAKER[0]
    again = second.likeliest("seller.name", {id(token) for token in name})
    assert again is None or again.text != MAKER[0]


def test_in_a_script_without_known_words_nothing_is_likely() -> None:
    lines = tuple(
        (50.0, float(440 + 12 * n), "今月の請求金額は次のとおりです" * 2) for n in range(20)
    )
    known, unknown = (SecondReading(read(*printed), ()) for printed in (HEAD, (*HEAD, *lines)))
    assert known.likeliest("issue_date", ()) is not None
    assert unknown.likeliest("issue_date", ()) is None


def test_shipped_weights_read_a_plain_letter() -> None:
    assert shipped_fit_weights().classes == THINGS
    reader = read(*HEAD, *BODY)
    found = Weigher(reader, shipped_fit_weights()).weigh(pieces_of(reader, ()))
    for thing, text in (("seller", MAKER[0]), ("buyer", CLUB[0])):
        assert max(found, key=lambda it: it.likely(thing)).piece.text == text


@pytest.mark.parametrize(
    ("schema", "kind"),
    [("invoice", "invoice"), ("receipt", "receipt"), ("purchase_order", "order")],
)
def test_kinds_of_documents(schema: str, kind: str) -> None:
    assert kind_of(build_index(load_schema(schema))) == kind


def test_an_answer_tells_what_the_second_reading_holds_of_it() -> None:
    answer = ask("invoice", A4.page(*HEAD, *BODY))
    assert leaf(answer.values, "seller.name") == MAKER[0]
    assert set(answer.second_odds) == {
        "seller.name", "buyer.name", "invoice_number", "issue_date", "due_date"
    }  # fmt: skip
    assert all(odds > 0 for odds in answer.second_odds.values())


def test_a_page_without_words_has_no_second_reading() -> None:
    assert ask("invoice", Page(1, 595, 842)).second_odds == {}
