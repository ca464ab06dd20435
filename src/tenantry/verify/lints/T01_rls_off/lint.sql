-- title: Row security is off on a table of tenants' rows
-- level: error
-- kind: weakness
-- why: Without row security every role with a grant reads and writes every tenant's rows.
-- fix: Enable and force row security, then add a policy that names the tenant.
select
    format('%I.%I', space.nspname, class.relname) as object,
    format('%I.%I', space.nspname, class.relname) as relation,
    null::text as role,
    format('%I.%I holds tenants'' rows and has row security switched off.', space.nspname, class.relname) as detail,
    format(
        'alter table %1$I.%2$I enable row level security; alter table %1$I.%2$I force row level security;',
        space.nspname, class.relname
    ) as fix
from jsonb_to_recordset(%(owned)s::jsonb) as owned (relid oid, tenant_column text)
join pg_class as class on class.oid = owned.relid
join pg_namespace as space on space.oid = class.relnamespace
where class.relkind in ('r', 'p') and not class.relrowsecurity
order by 1
