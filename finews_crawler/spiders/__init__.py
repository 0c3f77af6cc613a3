"""One file, one spider: which URL next."""
