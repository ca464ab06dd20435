"""What the roles that serve tenants may do: read and write rows, and nothing that goes past row security."""
