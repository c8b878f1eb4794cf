"""A second reading of names, numbers and days: how well each print of a page fits, as learned.

In flow a document as read and what was chosen from it, out flow odds, and what is put in. Inside:
``pieces``, ``print_features``, ``fit_weights`` and ``second_opinion``, which know of no rules, and
``reconsidered`` with ``reconsidered_parties``, where rules have the last word. May import
``text_document``, ``fields`` and ``parties``.
"""

from __future__ import annotations
