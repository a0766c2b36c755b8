"""Reading requests about one's own data, what stands in the way, and everything that is about somebody."""
