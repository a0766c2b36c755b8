"""Two records of one person made one, and apart again."""
