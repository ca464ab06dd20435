-- object: grants tenantry.open(text) to __app_role__
-- about: Lets a role of the application open the contexts it has tokens for.
-- lock: none
-- undo: revoke all on function tenantry.open(text) from __app_role__

grant execute on function tenantry.open(text) to __app_role__;
