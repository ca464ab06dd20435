-- about: Every routine's source without comments: what a comment says does not run.
select
    routine.oid,
    format('%I.%I(%s)', space.nspname, routine.proname, pg_get_function_identity_arguments(routine.oid)) as name,
    regexp_replace(
        regexp_replace(coalesce(pg_get_function_sqlbody(routine.oid), routine.prosrc), '/\*.*?\*/', '', 'g'),
        '--[^\n]*', '', 'g'
    ) as text
from pg_proc as routine
join pg_namespace as space on space.oid = routine.pronamespace
where routine.prokind in ('f', 'p', 'w')
    and space.nspname !~ '^(pg_|information_schema$)'
    and not exists (
        select from pg_depend as link
        where link.classid = 'pg_proc'::regclass and link.objid = routine.oid and link.deptype = 'e'
    )
