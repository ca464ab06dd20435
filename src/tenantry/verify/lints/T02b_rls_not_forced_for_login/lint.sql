-- title: A role that logs in owns the table and is not bound by its policies
-- level: warning
-- kind: weakness
-- why: Whoever connects as the owner, or as a member of it, reads and writes every tenant's rows: policies
--   do not apply to owners.
-- fix: Force row security, and let the application connect as a role that owns nothing.
with owned as (
    select
        class.oid as relid, owned.tenant_column, owned.is_tenant_table, owned.is_user_table,
        format('%I.%I', space.nspname, class.relname) as relation, space.nspname, class.relname,
        class.relnamespace, class.relowner, class.relkind, class.relispartition,
        class.relrowsecurity, class.relforcerowsecurity
    from jsonb_to_recordset(%(owned)s::jsonb) as owned (
        relid oid, tenant_column text, is_tenant_table boolean, is_user_table boolean
    )
    join pg_class as class on class.oid = owned.relid
    join pg_namespace as space on space.oid = class.relnamespace
    where class.relkind in ('r', 'p')
),
exposed as (
    -- owners somebody can log in as, other than superusers, whom no setting binds, and app roles, which T51 names
    select owner.oid
    from pg_roles as owner
    where not owner.rolsuper and not owner.rolbypassrls
        and exists (
            select from pg_roles as login
            where login.rolcanlogin and not login.rolsuper and pg_has_role(login.oid, owner.oid, 'MEMBER')
        )
),
unforced as (
    select owned.*
    from owned
    where owned.relrowsecurity and not owned.relforcerowsecurity and not owned.relispartition
        and not exists (
            select from unnest(%(app_roles)s::oid[]) as app (oid)
            where pg_has_role(app.oid, owned.relowner, 'MEMBER')
        )
)
select
    unforced.relation as object,
    unforced.relation as relation,
    owner.rolname::text as role,
    format(
        'Row security of %s does not bind its owner %I, and %s can connect with the rights of %I.',
        unforced.relation, owner.rolname,
        (
            select string_agg(format('%I', login.rolname), ', ' order by login.rolname)
            from (
                select login.rolname from pg_roles as login
                where login.rolcanlogin and not login.rolsuper and pg_has_role(login.oid, owner.oid, 'MEMBER')
                order by 1 limit 5
            ) as login
        ),
        owner.rolname
    ) as detail,
    format('alter table %s force row level security;', unforced.relation) as fix
from unforced
join pg_roles as owner on owner.oid = unforced.relowner
where unforced.relowner in (select exposed.oid from exposed)
order by 1
