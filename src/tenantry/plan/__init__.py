"""What is wanted of a database, what it has, and the steps between, each with its way back."""
