"""Rows of one tenant are nobody else's: floors, forced row security, views and functions that ask as their caller."""
