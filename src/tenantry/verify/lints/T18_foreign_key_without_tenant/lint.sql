-- title: A foreign key between tenants' tables does not carry the tenant
-- level: note
-- kind: weakness
-- why: Referential checks do not know row security: success or failure tells whether another tenant's row
--   exists, and rows can cross tenants.
-- fix: Make the key composite: tenant column first, on both sides.
-- uses: key_without_tenant
select
    link.relation as object,
    link.relation as relation,
    null::text as role,
    format(
        '%s refers to rows of %s without the tenant: rows of one tenant can point at another tenant''s, and whether '
        'such a row exists can be told from the error (%s).',
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
from key_without_tenant as link
where not link.cascades
group by link.relation
order by 1
