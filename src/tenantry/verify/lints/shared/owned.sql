-- about: The tables the blueprint says belong to tenants or list tenants or users.
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
