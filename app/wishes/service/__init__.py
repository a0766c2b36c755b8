"""What changes wishes. Called inside a write transaction; nothing here commits."""
