-- title: A notification carries data
-- level: note
-- kind: weakness
-- why: Channels have no privileges: whoever may connect to the database can listen on any of them and read every
--   payload.
-- fix: Send a notification without data (or with a key that says nothing) and let the listener read the row under its
--   own rights.
with source as (
    select
        routine.oid,
        format('%I.%I(%s)', space.nspname, routine.proname, pg_get_function_identity_arguments(routine.oid)) as name,
        -- why: what a comment says does not run
        regexp_replace(
            regexp_replace(coalesce(pg_get_function_sqlbody(routine.oid), routine.prosrc), '/\*.*?\*/', '', 'g'),
            '--[^\n]*', '', 'g'
        ) as text
    from pg_proc as routine
    join pg_namespace as space on space.oid = routine.pronamespace
    where routine.prokind in ('f', 'p')
        and space.nspname !~ '^(pg_|information_schema$)'
        and not exists (
            select from pg_depend as link
            where link.classid = 'pg_proc'::regclass and link.objid = routine.oid and link.deptype = 'e'
        )
)
select
    source.name as object,
    null::text as relation,
    null::text as role,
    format('%s sends a notification with a payload; every role that can connect may listen and read it.', source.name) as detail,
    null::text as fix
from source
where regexp_replace(source.text, $re$\mpg_notify\s*\([^()]*,\s*(''|null)\s*\)$re$, '', 'gi') ~* $re$\mpg_notify\s*\($re$
    or source.text ~* $re$\mnotify\s+("[^"]+"|[\w%]+)\s*,\s*('[^']|%L)$re$
order by 1
