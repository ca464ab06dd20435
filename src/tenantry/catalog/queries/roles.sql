-- about: The roles of the cluster.
select
    role.oid::bigint as oid,
    role.rolname::text as name,
    role.rolsuper as is_superuser,
    role.rolcanlogin as can_login,
    role.rolbypassrls as can_bypass_rls,
    role.rolinherit as inherits,
    role.rolreplication as can_replicate,
    role.rolcreaterole as can_create_role,
    role.rolcreatedb as can_create_database
from pg_roles as role
order by role.rolname
