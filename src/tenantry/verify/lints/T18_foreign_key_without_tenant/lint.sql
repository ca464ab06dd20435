-- title: A foreign key between tenants' tables does not carry the tenant
-- level: note
-- kind: weakness
-- why: Referential checks do not know row security: success or failure tells whether another tenant's row
--   exists, and rows can cross tenants.
-- fix: Make the key composite: tenant column first, on both sides.
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
link as (
    -- foreign keys between tenants' tables that do not carry the tenant
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
)
select
    link.relation as object,
    link.relation as relation,
    null::text as role,
    format(
        '%s refers to rows of %s without the tenant: rows of one tenant can point at another tenant''s, and whether such a row exists can be told from the error (%s).',
        link.relation, string_agg(distinct link.parent, ', ' order by link.parent),
        string_agg(quote_ident(link.conname), ', ' order by link.conname)
    ) as detail,
    string_agg(
        format(
            'alter table %s add unique (%I, %s); alter table %s drop constraint %I, add constraint %I %s;',
            link.parent, link.parent_tenant, link.parent_columns, link.relation, link.conname, link.conname,
            regexp_replace(
                regexp_replace(
                    link.definition, 'FOREIGN KEY \((.*?)\) (.*) ON DELETE SET (NULL|DEFAULT)(?! \()',
                    'FOREIGN KEY (\1) \2 ON DELETE SET \3 (\1)'
                ),
                'FOREIGN KEY \((.*?)\) REFERENCES ([^(]*)\((.*?)\)',
                format('FOREIGN KEY (%I, \1) REFERENCES \2(%I, \3)', link.tenant_column, link.parent_tenant)
            )
        ),
        ' ' order by link.conname
    ) as fix
from link
where not link.cascades
group by link.relation
order by 1
