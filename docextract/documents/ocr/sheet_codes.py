"""Reads the QR code on a sheet that says little else, such as one that parts documents in a pile.

Knows nothing of what a code means. OpenCV, which OCR needs anyway, reads QR codes; of barcodes it
knows those of shops alone, so the text below them has to do.
"""

from __future__ import annotations

from docextract.documents.ocr.text_lines import Pixels

_MAX_LENGTH = 60


def code_on(pixels: Pixels) -> str:
    """Return the text of the one QR code on a page, cut to a few words; empty if none is read."""
    import cv2

    try:
        text, *_ = cv2.QRCodeDetector().detectAndDecode(pixels)
    except cv2.error:  # it gives up on some pictures so
        return ""
    return " ".join(text.split())[:_MAX_LENGTH]
