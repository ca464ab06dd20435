-- title: An extension is older than the server offers
-- level: note
-- kind: hygiene
-- why: Updates of extensions mend faults, also of safety, and take effect only when the extension is updated in each
--   database.
-- fix: Update the extension.
select
    format('%I', extension.extname) as object,
    null::text as relation,
    null::text as role,
    format(
        'Extension %I is at version %s; the server has %s.', extension.extname, extension.extversion,
        offered.default_version
    ) as detail,
    format('alter extension %I update;', extension.extname) as fix
from pg_extension as extension
join pg_available_extensions as offered
    on offered.name = extension.extname and offered.default_version <> extension.extversion
where exists (
    -- why: a version that leads nowhere newer is no older version
    select from pg_extension_update_paths(extension.extname) as way
    where way.source = extension.extversion and way.target = offered.default_version and way.path is not null
)
order by 1
