-- title: A function locks with a key that anybody can take
-- level: note
-- kind: weakness
-- why: Advisory locks have no privileges: any session may take a known key and stop every tenant's work that waits
--   for it.
-- fix: Take the key from data that is not guessable, or lock a row instead.
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
    format('%s takes an advisory lock on a constant key; any session may hold that key and make all tenants wait.', source.name) as detail,
    null::text as fix
from source
-- why: (number), (number, number) or (hashtext('words')), with casts
where source.text ~* $re$\mpg_(try_)?advisory_(xact_)?lock(_shared)?\s*\(\s*('?-?\d+'?(::\w+)?(\s*,\s*'?-?\d+'?(::\w+)?)?|hashtext(extended)?\s*\(\s*'[^']*'(::\w+)?\s*(,\s*\d+)?\s*\)(::\w+)?)\s*\)$re$
order by 1
