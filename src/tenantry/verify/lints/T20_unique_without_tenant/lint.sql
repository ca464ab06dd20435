-- title: Values must be unique across all tenants
-- level: note
-- kind: weakness
-- why: Adding a guessed value and reading the error (or the row count of ON CONFLICT) tells whether another
--   tenant has it, and blocks its use.
-- fix: Put the tenant column first in the key.
-- uses: owned
with key as (
    select
        owned.relation, index.indexrelid, index_class.relname as index_name, owned.tenant_column,
        string_agg(coalesce(quote_ident(attribute.attname), 'an expression'), ', ' order by part.position) as columns
    from owned
    join pg_index as index on index.indrelid = owned.relid and index.indisunique and index.indisvalid
    join pg_class as index_class on index_class.oid = index.indexrelid
    cross join lateral unnest(index.indkey) with ordinality as part (attnum, position)
    left join pg_attribute as attribute
        on attribute.attrelid = owned.relid and attribute.attnum = part.attnum and part.attnum > 0
    where not owned.is_tenant_table and not owned.is_user_table and not owned.relispartition
        and owned.tenant_column is not null and part.position <= index.indnkeyatts
    group by owned.relation, owned.relid, owned.tenant_column, index.indexrelid, index_class.relname, index.indnkeyatts
    having not bool_or(coalesce(attribute.attname = owned.tenant_column, false))
        -- why: nobody guesses these, or they stand for a row of a tenant already
        and bool_and(
            part.attnum = 0
            or attribute.atttypid in (
                'text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'name'::regtype, 'int2'::regtype,
                'int4'::regtype, 'int8'::regtype, 'numeric'::regtype, 'date'::regtype
            )
            or exists (select from pg_type as type where type.oid = attribute.atttypid
                and (
                    type.typname = 'citext'
                    or type.typtype = 'd'
                    and type.typbasetype in ('text'::regtype, 'varchar'::regtype)
                ))
        )
        and not bool_or(coalesce(attribute.attname ~* '(token|hash|secret|digest|nonce|signature|uuid)', false))
        and not bool_or(coalesce(exists (
            select from pg_constraint as fk
            where fk.contype = 'f' and fk.conrelid = owned.relid and attribute.attnum = any (fk.conkey)
                and fk.confrelid in (select tenanted.relid from owned as tenanted)
        ), false))
        -- why: a lone number is the surrogate key, not something a tenant brings
        and not (count(*) = 1 and bool_and(coalesce(
            attribute.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype), false
        )))
)
select
    key.relation as object,
    key.relation as relation,
    null::text as role,
    format(
        '%s must be unique across all tenants in %s, so a tenant can find out which values others use.',
        string_agg(format('(%s)', key.columns), ' and ' order by key.index_name), key.relation
    ) as detail,
    null::text as fix
from key
group by key.relation
order by 1
