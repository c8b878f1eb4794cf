"""What confirmed documents teach about the next of their layout: where and behind which words.

Knows nothing of engines, stores or people. Inside: the ``memory`` of layouts and its file, what a
``layout`` is recognised by, the words ``around`` a value, the ``clues`` they give, ``lessons`` from
a confirmed document, and ``recall`` on the next. In flow pages and what was confirmed, out flow
values with what memory says of them. May import ``verify``, ``normalise``, ``schema`` and ``core``.
"""

from __future__ import annotations
