"""The table of all equations of amounts, by kind of document.

Knows nothing of how an equation is evaluated. The order within a kind of document is that of the
checks in a record. Rules named BR-* are those of EN 16931-1:2017.
"""

from __future__ import annotations

from docextract.schema.equations.shapes import (
    BALANCE,
    CASH,
    PRICE,
    ROW_TAX,
    Equation,
    Product,
    RunningSum,
    Share,
    Sum,
    Way,
)

INVOICE = {
    "line_total": "totals.line_total", "discount": "totals.discount",
    "charges": "totals.charges", "net": "totals.net", "tax": "totals.tax",
    "gross": "totals.gross", "paid": "totals.paid", "withheld": "totals.withheld",
    "rounding": "totals.rounding", "amount_due": "totals.amount_due",
    "tax_rate": "taxes[].rate", "tax_base": "taxes[].base", "tax_amount": "taxes[].amount",
    "quantity": "lines[].quantity", "unit_price": "lines[].unit_price",
    "line_discount": "lines[].discount", "line_net": "lines[].net",
}  # fmt: skip
"""Where schemas of invoices and orders have the amounts of their equations."""

RECEIPT = {
    "net": "subtotal", "discount": "discount", "tax": "tax_total", "plain_tax": "tax",
    "charges": "charges", "tip": "tip", "rounding": "rounding", "gross": "total",
    "cash_given": "cash_given", "change": "change", "payment": "payments[].amount",
    "tax_amount": "taxes[].amount",
    "quantity": "lines[].quantity", "unit_price": "lines[].unit_price",
    "line_discount": "lines[].discount", "line_net": "lines[].total",
}  # fmt: skip
"""Where schemas of till receipts have them; the tax is ``tax`` in some of others' making."""

STATEMENT = {
    "beginning_balance": "accounts[].beginning_balance", "total_in": "accounts[].total_in",
    "total_out": "accounts[].total_out", "ending_balance": "accounts[].ending_balance",
    "deposit": "accounts[].transactions[].deposit",
    "withdrawal": "accounts[].transactions[].withdrawal",
    "balance": "accounts[].transactions[].balance",
}  # fmt: skip
"""Where schemas of bank statements have them."""

CONCEPTS = {"line_discount": "discount", "plain_tax": "tax", "receipt_total": "gross"}
"""What the vocabulary and this table call by two names."""

INVOICES: tuple[Equation, ...] = (
    Sum(
        id="BR-CO-10",
        places=INVOICE,
        result="line_total",
        ways=(Way("line_net"),),
        holds="sum of the lines = line total",
        asked=("line_total", "line_net"),
    ),
    Sum(
        id="BR-CO-13",
        places=INVOICE,
        result="net",
        ways=(
            Way("line_net|line_total - discount? + charges?"),
            # Amounts of lines that include tax are common outside EN 16931.
            Way("line_net - discount? + charges? - tax"),
            # Taxes of several rates often have no sum of their own.
            Way("line_net - discount? + charges? - tax_amount"),
            Way("line_total - discount? + charges?", is_read=True),
            # Many print a subtotal and take off or add to it behind, before or after the tax.
            Way("line_net", unless="line_total"),
            # What is not taxed may be an item, and stand apart below: a court's fee.
            Way("line_net - charges", unless="line_total"),
            Way("line_net - charges - tax", unless="line_total"),
        ),
        holds=(
            "lines (or line total) - discount + charges = net; lines may include the tax or the "
            "charges, discounts and charges may come after the net"
        ),
        asked=("net", "line_net"),
    ),
    Sum(
        id="BR-CO-14",
        places=INVOICE,
        result="tax",
        ways=(Way("tax_amount"),),
        holds="sum of the tax rows = tax",
        asked=("tax", "tax_amount"),
    ),
    Sum(
        id="BR-CO-15",
        places=INVOICE,
        result="gross",
        ways=(
            Way("net + tax", is_read=True),
            # Orders print freight after the net, many invoices the discount as well.
            Way("net + tax + charges", is_read=True),
            Way("net + tax - discount + charges?", unless="line_total"),
            # Many print what is paid as the total, rounded to whole crowns or five cents.
            Way("net + tax + rounding"),
        ),
        holds=(
            "net + tax (- discount, + charges, where they come after the net; "
            "+ rounding, where the total is rounded) = gross"
        ),
        asked=("net", "tax", "gross"),
    ),
    Sum(
        id="BR-CO-16",
        places=INVOICE,
        result="amount_due",
        ways=(
            Way("gross - paid? + rounding?", is_read=True, unread=("rounding",)),
            # The total may be a rounded one already.
            Way("gross - paid?"),
            # A tax that the buyer pays for the seller, or what it keeps until all is well.
            Way("gross - withheld - paid?"),
        ),
        holds="gross - paid (- withheld) + rounding = amount due",
        asked=("amount_due", "gross"),
        may_hold=("paid",),
        settled_by="paid",
    ),
    Product(
        id="line-net",
        places=INVOICE,
        result="line_net",
        factors=("quantity", "unit_price"),
        discount="line_discount",
        holds="quantity x unit price - discount = net of the line",
        asked=("quantity", "unit_price", "line_net"),
        tolerance=PRICE,
    ),
    Share(
        id="BR-CO-17",
        places=INVOICE,
        result="tax_amount",
        base="tax_base",
        rate="tax_rate",
        holds="base x rate / 100 = tax of the row; on receipts the base may include the tax",
        asked=("tax_base", "tax_rate", "tax_amount"),
        tolerance=ROW_TAX,
    ),
)
"""Those of invoices and orders; receipts with tax rows share the last."""

RECEIPTS: tuple[Equation, ...] = (
    Sum(
        id="receipt-total",
        places=RECEIPT,
        result="gross",
        ways=(
            Way("net + tax|plain_tax - discount? + tip?", is_read=True, unread=("tip",)),
            Way("net + tax|plain_tax + tip?", is_read=True),
            # Several rates are often printed without their sum.
            Way("net + tax_amount + tip?"),
            Way("net - discount? + tip?", is_read=True, unread=("tip",)),
            Way("net + tip?", is_read=True),
            Way("net + charges", is_read=True),
            Way("net + tax + charges"),
            Way("net + charges + tax_amount"),
            Way("net + tax + rounding", is_checked=False, is_read=True),
        ),
        holds=(
            "subtotal + tax (unless included) - discount (unless applied) + tip or charges = total"
        ),
        asked=("net", "gross"),
        tolerance=CASH,
        may_hold=("tax|plain_tax|tax_amount",),
        # Charges between subtotal and total are often not read: smaller proves nothing.
        is_upward=True,
    ),
    Sum(
        id="receipt-lines",
        places=RECEIPT,
        result="gross",
        ways=(
            Way("line_net - discount? + tip?"),
            Way("line_net + tip?"),
            Way("line_net - discount? + tax + tip?"),
            Way("line_net + tax + tip?"),
            Way("line_net - discount? + charges"),
            Way("line_net - discount? + charges + tax"),
        ),
        holds=(
            "sum of the lines - discount (unless applied) + tax (unless included)"
            " + tip or charges = total"
        ),
        asked=("gross", "line_net"),
        tolerance=CASH,
        may_hold=("tax|plain_tax|tax_amount",),
    ),
    Sum(
        id="receipt-taxes",
        places=RECEIPT,
        result="tax",
        ways=(Way("tax_amount"),),
        holds="sum of the tax rows = tax",
        asked=("tax", "tax_amount"),
    ),
    Sum(
        id="receipt-cash",
        places=RECEIPT,
        result="gross",
        ways=(Way("cash_given - change", is_read=True),),
        holds="cash given - change = total",
        asked=("gross", "cash_given", "change"),
        tolerance=CASH,
    ),
    Sum(
        id="receipt-payments",
        places=RECEIPT,
        result="gross",
        ways=(Way("payment? - change?"),),
        holds="sum of the payments - change = total",
        asked=("gross", "payment"),
        tolerance=CASH,
    ),
    Product(
        id="line-net",
        places=RECEIPT,
        result="line_net",
        factors=("quantity", "unit_price"),
        discount="line_discount",
        holds="quantity x unit price - discount = total of the line",
        asked=("quantity", "unit_price", "line_net"),
        tolerance=PRICE,
    ),
)

STATEMENTS: tuple[Equation, ...] = (
    Sum(
        id="statement-balance",
        places=STATEMENT,
        result="ending_balance",
        ways=(Way("beginning_balance + deposit? - withdrawal?"),),
        holds="beginning balance + deposits - withdrawals = ending balance",
        asked=("beginning_balance", "ending_balance", "deposit", "withdrawal"),
    ),
    Sum(
        id="statement-totals",
        places=STATEMENT,
        result="ending_balance",
        ways=(Way("beginning_balance + total_in - total_out", is_read=True),),
        holds="beginning balance + total in - total out = ending balance",
        asked=("ending_balance", "total_in", "total_out"),
    ),
    Sum(
        id="statement-in",
        places=STATEMENT,
        result="total_in",
        ways=(Way("deposit?"),),
        holds="sum of the deposits = total in",
        asked=("total_in", "deposit"),
    ),
    Sum(
        id="statement-out",
        places=STATEMENT,
        result="total_out",
        ways=(Way("withdrawal?"),),
        holds="sum of the withdrawals = total out",
        asked=("total_out", "withdrawal"),
    ),
    RunningSum(
        id="running-balance",
        places=STATEMENT,
        result="balance",
        start="beginning_balance",
        added="deposit",
        taken="withdrawal",
        holds="each balance follows from the one before; a break names row and difference",
        asked=("beginning_balance", "balance"),
        tolerance=BALANCE,
    ),
    RunningSum(
        id="carry-over",
        places=STATEMENT,
        result="balance",
        start="beginning_balance",
        added="deposit",
        taken="withdrawal",
        is_across_pages=True,
        holds="a page goes on from the balance the page before ended with",
        asked=("beginning_balance", "balance"),
        tolerance=BALANCE,
    ),
)

EQUATIONS = (*INVOICES, *RECEIPTS, *STATEMENTS)
