-- about: The roles of the application that policies bind, and 0, as which privilege functions know PUBLIC.
select role.oid, quote_ident(role.rolname) as name
from pg_roles as role
where role.oid = any (%(app_roles)s::oid[]) and not role.rolsuper and not role.rolbypassrls
union all
select 0, 'public'
