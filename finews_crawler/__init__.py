"""Floor 1: find and read pages. Knows no database."""
