"""Which weights, from where, loaded onto which device, in how many bits.

In flows what ``--model`` says, out flows a loaded model with its processor. May import torch, the
hub's client and the floor.
"""

from __future__ import annotations
