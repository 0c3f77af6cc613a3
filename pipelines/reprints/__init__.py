"""The same story in several sources' copies: what a text is found by, and what makes a reprint."""
