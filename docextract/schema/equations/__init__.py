"""The equations of amounts as data: net + tax = gross, quantity x price = amount, and the rest.

Inside: the ``shapes`` an equation may have, the ``table`` of them all, and the sums ``by_concept``
as the text engine reads them. Nothing flows in, out flow equations with rule ids, those of
EN 16931-1:2017 where it has one. ``verify/checks`` judges by them, ``engine/text`` chooses by them.
May import nothing but the standard library.
"""

from __future__ import annotations

from docextract.schema.equations.by_concept import (
    AMOUNTS,
    LINE,
    MORE,
    NET_AND_TAX,
    PRINTED,
    TAX_ROW,
    TENDERED,
    TOTALS,
    WHOLE,
    PrintedSum,
    beside,
    canonical,
)
from docextract.schema.equations.shapes import (
    SUM,
    Equation,
    Product,
    RunningSum,
    Share,
    Sum,
    Term,
    Tolerance,
    Way,
    terms_of,
)
from docextract.schema.equations.table import EQUATIONS, INVOICE, RECEIPT, STATEMENT

__all__ = [
    "AMOUNTS", "EQUATIONS", "INVOICE", "LINE", "MORE", "NET_AND_TAX", "PRINTED", "RECEIPT",
    "STATEMENT", "SUM", "TAX_ROW", "TENDERED", "TOTALS", "WHOLE", "Equation", "PrintedSum",
    "Product", "RunningSum", "Share", "Sum", "Term", "Tolerance", "Way", "beside", "canonical",
    "terms_of",
]  # fmt: skip
