"""Which reading of 双50 holds."""
