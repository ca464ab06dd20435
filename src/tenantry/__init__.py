"""tenantry proves who can read or write whose rows in a multi-tenant PostgreSQL database."""

__all__ = ["__version__"]

__version__ = "0.1.0"
