"""Reading and writing tables as offices send them: xlsx, xls and csv. Knows no feature."""
