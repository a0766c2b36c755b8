"""Reading the bank's side: statements, lines, what is open, and the balance of a day."""
