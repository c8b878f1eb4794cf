"""What an answer of a model is made of: its JSON, and how long it may get.

In flow schemas and JSON text, out flow shapes, values and numbers of tokens. Engines of models
import it; it imports the floor alone.
"""

from __future__ import annotations
