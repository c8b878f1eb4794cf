"""Names of files made of documents' paths and fields, which never leave their folder.

Knows nothing of what the files hold. Inside: ``mirror`` of the inputs' own names, the ``pattern``
people write, and the ``filing`` of documents under it. May import
``store``, ``schema`` and ``core``.
"""
