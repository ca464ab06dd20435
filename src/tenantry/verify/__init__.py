"""Who can read or write whose rows: lints read the catalog, attacks try, the report says."""
