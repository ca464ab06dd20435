-- about: Indexes with their key columns; an expression's place holds an empty name.
select
    entry.indexrelid::bigint as oid,
    index_class.relname::text as name,
    entry.indrelid::bigint as relation,
    array(
        select coalesce(attribute.attname::text, '')
        from unnest(entry.indkey[0:entry.indnkeyatts - 1]) with ordinality as key (number, position)
        left join pg_attribute as attribute
            on attribute.attrelid = entry.indrelid and attribute.attnum = key.number and key.number > 0
        order by key.position
    ) as columns,
    entry.indisunique as is_unique,
    entry.indisprimary as is_primary,
    entry.indisexclusion as is_exclusion,
    entry.indisvalid as is_valid,
    coalesce(pg_get_expr(entry.indpred, entry.indrelid), '') as predicate,
    pg_get_indexdef(entry.indexrelid) as definition,
    method.amname::text as method,
    entry.indisreplident or entry.indisclustered as is_relied_on
from pg_index as entry
join pg_class as index_class on index_class.oid = entry.indexrelid
join pg_am as method on method.oid = index_class.relam
join pg_namespace as space on space.oid = index_class.relnamespace
where space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
order by entry.indrelid, index_class.relname
