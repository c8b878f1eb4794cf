"""A reader a format: zips, mails and mailboxes, Outlook's saved mails.

In flows an open file, out flow its entries. May import ``bounds`` and ``members`` of this room's
parent, and ``core``.
"""

from __future__ import annotations
