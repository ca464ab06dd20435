-- about: Who may execute each routine, with the default (everyone) spelled out, in the order the server keeps.
select
    routine.oid::bigint as object,
    entry.grantee::bigint as grantee,
    entry.privilege_type as privilege,
    entry.is_grantable as grantable,
    entry.grantor::bigint as grantor,
    '' as column
from pg_proc as routine
join pg_namespace as space on space.oid = routine.pronamespace
cross join aclexplode(coalesce(routine.proacl, acldefault('f', routine.proowner)))
    with ordinality as entry (grantor, grantee, privilege_type, is_grantable, position)
where space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
order by object, position
