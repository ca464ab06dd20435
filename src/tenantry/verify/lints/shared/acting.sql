-- about: The roles of the application, except superusers, whom nothing holds.
select role.oid, role.rolname::text as name
from pg_roles as role
where role.oid = any(%(app_roles)s::oid[]) and not role.rolsuper
