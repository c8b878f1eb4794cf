"""Printed text to typed values, by the evidence of the document's own habits.

Knows nothing of pages, engines or stores.
"""
