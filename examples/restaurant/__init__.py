"""The restaurant booking platform: a reference application's database before tenantry, and done right."""
