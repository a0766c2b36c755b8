"""Backups: the database as it was at one moment and the uploaded files, in one archive that proves itself when it is restored."""
