"""Searching Chinese text, without an engine: what is indexed, what a query means, what is shown."""
