"""Reads e-invoices exactly: XML in, typed values and their quotes out.

Inside: one file per syntax (``cii``, ``ubl``), which of them it is (``invoice_xml``), the
untrusted tree (``xml_tree``) and what is collected from it (``invoice_values``). May import the
floor alone.
"""

from __future__ import annotations
