"""What the fund's people do. Called inside a write transaction; nothing here commits. Views have checked the permission."""
