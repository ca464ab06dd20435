-- object: grants tenantry to tenantry_lookup
-- about: Lets the functions of the role find the context they ask.
-- lock: none
-- undo: revoke all on schema tenantry from tenantry_lookup

grant usage on schema tenantry to tenantry_lookup;
