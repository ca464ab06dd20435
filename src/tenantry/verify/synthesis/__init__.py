"""How rows for two tenants and a stranger are built inside a transaction that is rolled back."""
