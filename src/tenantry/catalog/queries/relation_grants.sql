-- about: Who holds which privilege on relations and on single columns.
select
    class.oid::bigint as object,
    entry.grantee::bigint as grantee,
    entry.privilege_type as privilege,
    entry.is_grantable as grantable,
    '' as column
from pg_class as class
join pg_namespace as space on space.oid = class.relnamespace
cross join aclexplode(coalesce(class.relacl, acldefault('r', class.relowner))) as entry
where class.relkind in ('r', 'p', 'v', 'm', 'f')
    and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
union all
select
    attribute.attrelid::bigint,
    entry.grantee::bigint,
    entry.privilege_type,
    entry.is_grantable,
    attribute.attname::text
from pg_attribute as attribute
join pg_class as class on class.oid = attribute.attrelid
join pg_namespace as space on space.oid = class.relnamespace
cross join aclexplode(attribute.attacl) as entry
where attribute.attnum > 0 and not attribute.attisdropped
    and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
order by 1, 2, 3, 5
