"""How SQL text is quoted, and how .sql files with headers are read."""
