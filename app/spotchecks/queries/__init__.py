"""Reading spot checks: the books they are of, what was drawn, and what was said."""
