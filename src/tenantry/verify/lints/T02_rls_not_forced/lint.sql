-- title: Row security is not forced on tables of tenants' rows
-- level: note
-- kind: hygiene
-- why: The owner of a table is not bound by its policies unless row security is forced, and neither is any
--   view or function that runs as the owner.
-- fix: Force row security on each of these tables; roles which need every row get a policy of their own.
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
    format('%I', owner.rolname) as object,
    null::text as relation,
    owner.rolname::text as role,
    format(
        '%s tables of %I have row security that does not bind their owner: %s.',
        count(*), owner.rolname, array_to_string((array_agg(unforced.relation order by unforced.relation))[1:10], ', ')
        || case when count(*) > 10 then format(' and %s more', count(*) - 10) else '' end
    ) as detail,
    case when count(*) <= 10 then
        string_agg(format('alter table %s force row level security;', unforced.relation), ' ' order by unforced.relation)
    end as fix
from unforced
join pg_roles as owner on owner.oid = unforced.relowner
where unforced.relowner not in (select exposed.oid from exposed)
group by owner.rolname
order by 1
