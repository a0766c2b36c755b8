"""Rosters: a file → cleaned rows → a preview → written as one batch that can be taken back."""
