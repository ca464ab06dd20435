-- object: grants tenantry.check_seal() to __app_role__
-- about: Lets a role of the application try whether it can forge a context.
-- lock: none
-- undo: revoke all on function tenantry.check_seal() from __app_role__

grant execute on function tenantry.check_seal() to __app_role__;
