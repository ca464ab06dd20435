-- about: Foreign keys between tenants' tables that do not carry the tenant.
-- uses: owned
select
    fk.oid, fk.conname, fk.confdeltype, fk.confupdtype,
    child.relid, child.relation, child.tenant_column, parent.relation as parent, parent.tenant_column as parent_tenant,
    pg_get_constraintdef(fk.oid) as definition,
    fk.confdeltype in ('c', 'n', 'd') or fk.confupdtype in ('c', 'n', 'd') as cascades,
    (
        select string_agg(quote_ident(attribute.attname), ', ' order by key.position)
        from unnest(fk.confkey) with ordinality as key (attnum, position)
        join pg_attribute as attribute on attribute.attrelid = fk.confrelid and attribute.attnum = key.attnum
    ) as parent_columns
from pg_constraint as fk
join owned as child on child.relid = fk.conrelid
join owned as parent on parent.relid = fk.confrelid
join pg_attribute as child_tenant
    on child_tenant.attrelid = child.relid and child_tenant.attname = child.tenant_column
join pg_attribute as parent_tenant
    on parent_tenant.attrelid = parent.relid and parent_tenant.attname = parent.tenant_column
where fk.contype = 'f' and fk.conparentid = 0
    and not parent.is_tenant_table and not child.is_tenant_table
    and not exists (
        select from unnest(fk.conkey, fk.confkey) as pair (child_column, parent_column)
        where pair.child_column = child_tenant.attnum and pair.parent_column = parent_tenant.attnum
    )
