"""A seal over each day: what was recorded stays what it was, or is named."""
