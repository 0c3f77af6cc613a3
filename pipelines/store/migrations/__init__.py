"""Alembic's folder: every change of the schema, from the first day."""
