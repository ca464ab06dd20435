-- object: grants tenantry to tenantry_lookup
-- about: Lets the functions of the role find the context they ask.
-- lock: none
-- undo: revoke all on schema tenantry from tenantry_lookup

-- why create: a function is handed only to a role that may make objects in its schema, but by a superuser
grant usage, create on schema tenantry to tenantry_lookup;
