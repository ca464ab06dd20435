-- about: Who may use or create in each schema, with the defaults spelled out, in the order the server keeps.
select
    space.oid::bigint as object,
    entry.grantee::bigint as grantee,
    entry.privilege_type as privilege,
    entry.is_grantable as grantable,
    entry.grantor::bigint as grantor,
    '' as column
from pg_namespace as space
cross join aclexplode(coalesce(space.nspacl, acldefault('n', space.nspowner)))
    with ordinality as entry (grantor, grantee, privilege_type, is_grantable, position)
where space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
order by object, position
