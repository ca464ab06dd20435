-- object: grants tenantry to __app_role__
-- about: Lets a role of the application call by name what it may execute in the schema.
-- lock: none
-- undo: revoke all on schema tenantry from __app_role__

grant usage on schema tenantry to __app_role__;
