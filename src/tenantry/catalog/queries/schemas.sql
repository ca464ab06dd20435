-- about: The schemas of the application, without the server's own.
select space.oid::bigint as oid, space.nspname::text as name, space.nspowner::bigint as owner
from pg_namespace as space
where space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
order by space.nspname
