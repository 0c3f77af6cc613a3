"""Floor 3: use it. What a person or a program downstream touches."""
