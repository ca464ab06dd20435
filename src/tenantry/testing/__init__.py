"""What tests and the demo stand on: real PostgreSQL servers and databases that are theirs alone."""
