"""The rules of EN 16931 on what an e-invoice's XML states, to the cent.

Inside: the rules (``xml_rules``), of which those of lines have a file (``line_amounts``). In flow
the terms of an invoice, out flow checks. May import ``schema``, ``normalise`` and the floor.
"""

from __future__ import annotations
