"""Which weights are trained, what memory that takes, and how they are written.

In flow models, out flow parameters to train and folders of weights. May import ``engine.llava``'s
weights and the floor.
"""

from __future__ import annotations
