"""How a run is watched: a live display, plain lines or JSON lines, and the summary at its end.

In flow the events of a run, out flows text. May import ``batch`` for what a run reports, and
``cli.output``.
"""
