"""Letters between two companies, and whom the text engine takes to be which."""

from __future__ import annotations

from support.word_pages import A4, Printed, ask, leaf

PARTIES: tuple[Printed, ...] = (
    (50, 40, "Alpina Kaffeetechnik AG"), (50, 54, "Grabenstrasse 12"), (50, 68, "6340 Baar"),
    (350, 130, "Garage Steiner GmbH"), (350, 143, "Luzernerstrasse 98"), (350, 156, "6330 Cham"),
)  # fmt: skip
"""A letterhead and an address window."""

MAKER = ("Ostwall Pumpen GmbH", "Am Deich 4", "26721 Emden")
CLUB = ("Harbour Rowing Society", "7 Quay Lane", "Bristol BS1 4ND")


def read(path: str, *printed: Printed, schema: str = "invoice") -> object:
    """Return what is read at a path where ``printed`` stands between the two ``PARTIES``."""
    return leaf(ask(schema, A4.page(*PARTIES, *printed)).values, path)


def block(left: float, top: float, *lines: str) -> tuple[Printed, ...]:
    """Return lines one below another."""
    return tuple((left, top + 13 * n, line) for n, line in enumerate(lines))


def parties(schema: str, *printed: Printed) -> tuple[object, object]:
    """Return the names of who sells and who buys on a page."""
    values = ask(schema, A4.page(*printed)).values
    return leaf(values, "seller.name"), leaf(values, "buyer.name")
