"""Reading wishes: what is public, what the desk sees, what is one's own, what waits."""
