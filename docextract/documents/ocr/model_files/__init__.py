"""Model files: taken apart and put together as what they are, and with layers of ours.

In flow RapidOCR's files, out flow those that ONNX Runtime is given. Imports nothing of the package.
"""

from __future__ import annotations
