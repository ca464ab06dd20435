-- title: Several schemas hold the same tables
-- level: note
-- kind: weakness
-- why: If each schema is a tenant, the search path is all that separates tenants; a pooled connection that
--   keeps one shows another tenant's rows.
-- fix: Set the search path for the transaction only, and grant each tenant's schema to that tenant's role
--   only.
with content as (
    select space.nspname, array_agg(class.relname order by class.relname) as tables
    from pg_class as class
    join pg_namespace as space on space.oid = class.relnamespace
    where class.relkind in ('r', 'p') and not class.relispartition
        and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
        and not exists (
            select from pg_depend as member
            where member.classid = 'pg_class'::regclass and member.objid = class.oid and member.deptype = 'e'
        )
    group by space.nspname
    having count(*) >= 2
)
select
    'schemas' as object,
    null::text as relation,
    null::text as role,
    format(
        '%s schemas hold the same %s tables, as if each were a tenant: %s.',
        count(*), cardinality(content.tables),
        array_to_string((array_agg(quote_ident(content.nspname) order by quote_ident(content.nspname)))[1:10], ', ')
        || case when count(*) > 10 then format(' and %s more', count(*) - 10) else '' end
    ) as detail,
    null::text as fix
from content
group by content.tables
having count(*) >= 3
order by 1
