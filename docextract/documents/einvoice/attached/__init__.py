"""The files inside a PDF that may hold an e-invoice, wherever the PDF names them.

Inside: what PDFium lists (``attachments``) and what it does not (``associated_files``). In flows a
PDF, out flow names and bytes. May import nothing of ours.
"""

from __future__ import annotations
