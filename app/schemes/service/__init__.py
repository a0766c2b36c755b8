"""Use cases of schemes: what is decided by hand, and drafts."""
