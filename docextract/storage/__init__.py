"""Documents in object storage and on the web, and exports put there.

Knows nothing of runs, records or workers. In flow addresses (``s3://``, ``gs://``, ``az://``,
``https://``), out flow documents whose bytes lie in a spool for as long as they are worked on.
Inside: what an address means (``address``), the only place that speaks to storage (``bucket``),
what was fetched before (``known_objects``), where it lies meanwhile (``spool``), documents from
what is listed (``remote_documents``), both kinds of inputs together (``given_inputs``), exports
(``upload``). May import ``documents`` and ``store``; obstore is imported here alone, and only when
an address is given.
"""

from __future__ import annotations
