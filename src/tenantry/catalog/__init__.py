"""What a database has: one frozen value, read in one transaction."""
