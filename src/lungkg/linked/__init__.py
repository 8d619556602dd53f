"""Linked data: where each IRI is answered, what a document about it holds, and how that is written.

Nothing here knows the web: what serves documents, exports them or checks them uses the same modules.
"""
