"""Reading merges: their state, the pairs that are likely, and what merging two records would mean."""
