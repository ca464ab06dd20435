"""What a team declares about its tenants, and what is guessed where it declared nothing."""
