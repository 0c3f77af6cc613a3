"""Exports: rows of the database as files of other programs."""
