"""The Python API: rows of the database, lazily, as objects or as frames."""
