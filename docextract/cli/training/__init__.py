"""What ``train`` asks and shows: where labels come from, how a model is trained, how it goes.

In flow options and a training's rows, out flow settings, lines and exit codes. May import what the
command line may.
"""

from __future__ import annotations
