-- title: The tenant column may be null
-- level: note
-- kind: hygiene
-- why: A row without a tenant belongs to nobody: policies hide it from everyone, or a kind one shows it to
--   all.
-- fix: Fill the gaps and set the column not null.
-- uses: owned
select
    'tenant columns' as object,
    null::text as relation,
    null::text as role,
    format(
        '%s tables of tenants'' rows take rows without a tenant: %s.',
        count(*),
        array_to_string(
            (
                array_agg(
                    format('%s.%I', owned.relation, owned.tenant_column)
                    order by format('%s.%I', owned.relation, owned.tenant_column)
                )
            )[1:10],
            ', '
        )
        || case when count(*) > 10 then format(' and %s more', count(*) - 10) else '' end) as detail,
    case when count(*) <= 10 then string_agg(
        format('alter table %s alter column %I set not null;', owned.relation, owned.tenant_column), ' '
        order by owned.relation
    ) end as fix
from owned
join pg_attribute as tenant
    on tenant.attrelid = owned.relid and tenant.attname = owned.tenant_column and not tenant.attnotnull
where not owned.is_tenant_table and not owned.is_user_table and not owned.relispartition
having count(*) > 0
order by 1
