-- about: Locks that this session holds on the application's relations, each with its strongest mode first.
select
    space.nspname::text as schema,
    class.relname::text as name,
    held.mode as mode
from pg_catalog.pg_locks as held
join pg_catalog.pg_class as class on class.oid = held.relation
join pg_catalog.pg_namespace as space on space.oid = class.relnamespace
where held.pid = pg_catalog.pg_backend_pid() and held.granted and class.relkind in ('r', 'p', 'v', 'm')
    and space.nspname !~ '^pg_' and space.nspname not in ('information_schema', 'tenantry')
    and held.database = (
        select database.oid from pg_catalog.pg_database as database where database.datname = current_database()
    )
order by 1, 2, 3
