-- title: A foreign key has no index
-- level: note
-- kind: hygiene
-- why: Each delete or key change in the referenced table scans the whole referencing table, for every tenant at once.
-- fix: Create an index that starts with the columns of the foreign key.
with reference as (
    select
        class.oid,
        format('%I.%I', space.nspname, class.relname) as name,
        reference.conname,
        (
            select string_agg(quote_ident(attribute.attname), ', ' order by key.position)
            from unnest(reference.conkey) with ordinality as key (number, position)
            join pg_attribute as attribute on attribute.attrelid = class.oid and attribute.attnum = key.number
        ) as columns
    from pg_constraint as reference
    join pg_class as class on class.oid = reference.conrelid
    join pg_namespace as space on space.oid = class.relnamespace
    where reference.contype = 'f'
        and reference.conparentid = 0
        and space.nspname !~ '^(pg_|information_schema$)'
        -- why: tables of a hosting platform are not the user's to mend
        and pg_get_userbyid(class.relowner) !~ '^supabase_.*admin$'
        and not exists (
            select from pg_depend as link
            where link.classid = 'pg_class'::regclass and link.objid = class.oid and link.deptype = 'e'
        )
        and not exists (
            select from pg_index as index
            where index.indrelid = class.oid
                and index.indisvalid
                -- why: rows without a reference need no index
                and (
                    index.indpred is null
                    or regexp_replace(
                        pg_get_expr(index.indpred, index.indrelid), $re$("[^"]+"|\w+) IS NOT NULL|AND|[() ]$re$, '', 'g'
                    ) = ''
                )
                and (index.indkey::int2[])[0:cardinality(reference.conkey) - 1] @> reference.conkey
                and (index.indkey::int2[])[0:cardinality(reference.conkey) - 1] <@ reference.conkey
        )
)
select
    reference.name as object,
    reference.name as relation,
    null::text as role,
    format(
        '%s has no index for %s foreign keys (%s); deletes in the referenced tables scan it whole.',
        reference.name, count(*), string_agg(quote_ident(reference.conname), ', ' order by reference.conname)
    ) as detail,
    string_agg(
        distinct format('create index concurrently on %s (%s);', reference.name, reference.columns), ' '
    ) as fix
from reference
group by reference.name
order by 1
