-- about: Who may execute each routine, with the default (everyone) spelled out.
select
    routine.oid::bigint as object,
    entry.grantee::bigint as grantee,
    entry.privilege_type as privilege,
    entry.is_grantable as grantable,
    '' as column
from pg_proc as routine
join pg_namespace as space on space.oid = routine.pronamespace
cross join aclexplode(coalesce(routine.proacl, acldefault('f', routine.proowner))) as entry
where space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
order by 1, 2, 3
