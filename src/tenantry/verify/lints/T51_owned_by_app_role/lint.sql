-- title: An application role owns a table and no policy binds it
-- level: error
-- kind: weakness
-- why: Owners pass by row security: the application reads and writes every tenant's rows of this table.
-- fix: Give the table to a role that nobody logs in as, or force row security at least.
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
acting as (
    select role.oid, role.rolname
    from pg_roles as role
    where role.oid = any (%(app_roles)s::oid[]) and not role.rolsuper
)
select
    owned.relation as object,
    owned.relation as relation,
    string_agg(acting.rolname, ', ' order by acting.rolname) as role,
    format(
        '%s belongs to %I, as whom %s may act: no policy binds the owner.',
        owned.relation, owner.rolname, string_agg(quote_ident(acting.rolname), ', ' order by acting.rolname)
    ) as detail,
    format('alter table %s force row level security;', owned.relation) as fix
from owned
join pg_roles as owner on owner.oid = owned.relowner
join acting on pg_has_role(acting.oid, owner.oid, 'MEMBER')
where not (owned.relrowsecurity and owned.relforcerowsecurity)
group by owned.relation, owner.rolname
order by 1
