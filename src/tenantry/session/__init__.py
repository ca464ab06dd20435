"""How tenantry connects."""
