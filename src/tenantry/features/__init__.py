"""What tenantry gives a database, one package a feature. Features do not import each other."""
