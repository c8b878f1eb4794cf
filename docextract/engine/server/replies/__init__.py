"""What a model said, taken out of whatever way servers put it, as values of an answer.

In flow chat completions, out flow raw values and probabilities. May import the answer's JSON, the
seam and the floor.
"""

from __future__ import annotations
