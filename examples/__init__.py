"""Reference applications to verify and to learn from."""
