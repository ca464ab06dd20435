-- about: Installed extensions.
select extension.extname::text as name, extension.extversion as version, space.nspname::text as schema
from pg_extension as extension
join pg_namespace as space on space.oid = extension.extnamespace
order by extension.extname
