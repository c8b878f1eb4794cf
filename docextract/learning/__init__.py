"""What confirmed documents teach about the next of their layout: where and behind which words.

Knows nothing of engines, stores or people. Inside: the ``memory`` of layouts and its file, what a
``layout`` is recognised by and of which ``party`` it is, the ``clues`` to values, the ``belief``
they make together, ``lessons`` from a confirmed document, and ``recall`` on the next. In flow pages
and what was confirmed, out flow values with what memory says of them. May import ``verify``,
``normalise``, ``schema`` and ``core``.
"""

from __future__ import annotations
