-- title: An extension lives in schema public
-- level: note
-- kind: hygiene
-- why: Its functions stand among the application's own, are offered by interfaces to that schema, and can be hidden
--   by others.
-- fix: Move it to a schema of its own; a few extensions cannot be moved and must be made again.
select
    format('%I', extension.extname) as object,
    null::text as relation,
    null::text as role,
    format(
        'Extension %I is installed in schema public, among the application''s own tables and functions.',
        extension.extname
    ) as detail,
    case
        when extension.extrelocatable then format(
            'create schema if not exists extensions; alter extension %I set schema extensions;', extension.extname
        )
    end as fix
from pg_extension as extension
join pg_namespace as space on space.oid = extension.extnamespace
where space.nspname = 'public'
order by 1
