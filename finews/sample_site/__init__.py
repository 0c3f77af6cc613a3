"""The bundled sample site: its articles, rendered as the real site renders its own."""
