"""How libraries that have connections of their own open the tenant context."""
