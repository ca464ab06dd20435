-- about: Tenants' tables with row security that is not forced, except those an application role owns, which T51 names.
-- uses: owned
select owned.*
from owned
where owned.relrowsecurity and not owned.relforcerowsecurity and not owned.relispartition
    and not exists (
        select from unnest(%(app_roles)s::oid[]) as app (oid)
        where pg_has_role(app.oid, owned.relowner, 'MEMBER')
    )
