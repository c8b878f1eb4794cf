"""The border between the run and its workers: what may cross it, and what a worker gives up.

Inside: ``plain`` forms of values, the ``frames`` they cross in, what a worker's ``statements``
mean, and the guards on its side (``landlock``, ``system_calls``). In flow bytes of a
process that strangers' files may have taken over; out flow values of announced types, or an error.
Knows nothing of documents; may import ``core`` and ``workers.events`` alone.
"""
