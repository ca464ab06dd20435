-- title: Query plans tell how many rows another tenant has
-- level: note
-- kind: weakness
-- why: EXPLAIN estimates a foreign tenant's rows from statistics that policies do not hide, so its
--   existence and size can be told.
-- fix: Where that matters, collect no statistics for the tenant column (alter column .. set statistics 0),
--   at the price of worse plans.
-- uses: owned, asker
with told as (
    select owned.relation
    from owned
    join pg_attribute as tenant on tenant.attrelid = owned.relid and tenant.attname = owned.tenant_column
    where owned.relrowsecurity and not owned.relispartition and coalesce(tenant.attstattarget, -1) <> 0
        and exists (select from asker where has_column_privilege(asker.oid, owned.relid, tenant.attnum, 'SELECT'))
)
select
    'statistics' as object,
    null::text as relation,
    null::text as role,
    format(
        'EXPLAIN shows application roles about how many rows any tenant has in %s tables: %s.',
        count(*),
        array_to_string((array_agg(told.relation order by told.relation))[1:10], ', ')
        || case when count(*) > 10 then format(' and %s more', count(*) - 10) else '' end) as detail,
    null::text as fix
from told
having count(*) > 0
order by 1
