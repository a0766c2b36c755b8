"""What is written about a project's results. Called inside a write transaction; nothing here commits. Views have checked the permission."""
