-- about: Who holds which privilege on relations and on single columns, in the order the server keeps.
select
    class.oid::bigint as object,
    entry.grantee::bigint as grantee,
    entry.privilege_type as privilege,
    entry.is_grantable as grantable,
    entry.grantor::bigint as grantor,
    '' as column,
    0 as number,
    entry.position
from pg_class as class
join pg_namespace as space on space.oid = class.relnamespace
cross join aclexplode(coalesce(class.relacl, acldefault('r', class.relowner)))
    with ordinality as entry (grantor, grantee, privilege_type, is_grantable, position)
where class.relkind in ('r', 'p', 'v', 'm', 'f')
    and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
union all
select
    attribute.attrelid::bigint,
    entry.grantee::bigint,
    entry.privilege_type,
    entry.is_grantable,
    entry.grantor::bigint,
    attribute.attname::text,
    attribute.attnum::int,
    entry.position
from pg_attribute as attribute
join pg_class as class on class.oid = attribute.attrelid
join pg_namespace as space on space.oid = class.relnamespace
cross join aclexplode(attribute.attacl)
    with ordinality as entry (grantor, grantee, privilege_type, is_grantable, position)
where attribute.attnum > 0 and not attribute.attisdropped
    and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
order by object, number, position
