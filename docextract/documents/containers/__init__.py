"""Mails, mailboxes and zips: the files inside of them, found and read, and written nowhere.

A member has a path like ``mail.eml!invoice.pdf``, below any number of containers, and is opened
by it as a file is by its own. Inside: what is found (``members``), how much may be (``bounds``),
a reader a format (``formats/``) and one door to all (``container_entries``), what is mere
``decoration``, and both ways through them: all members of a container (``looking_inside``), one
by its path (``opened_member``). These run in a worker alone; ``found_inside`` makes documents of
what they tell. May import ``core``, ``discovery`` and ``images``.
"""

from __future__ import annotations
