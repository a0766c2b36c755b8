"""Reading papers, photos, the chain from yuan to people, duties and reports."""
