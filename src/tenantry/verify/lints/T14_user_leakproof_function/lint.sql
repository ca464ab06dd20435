-- title: A function outside the system is marked LEAKPROOF
-- level: warning
-- kind: weakness
-- why: The planner may run a leakproof function before the policies: if it shows its argument in an error
--   or elsewhere, it shows other tenants' values.
-- fix: Take the mark away unless the function provably tells nothing about its arguments.
select
    format('%I.%I(%s)', space.nspname, proc.proname, pg_get_function_identity_arguments(proc.oid)) as object,
    null::text as relation,
    null::text as role,
    format(
        'Function %I.%I is marked leakproof, so it may see rows of every tenant before policies have been applied.',
        space.nspname, proc.proname
    ) as detail,
    format(
        'alter function %I.%I(%s) not leakproof;', space.nspname, proc.proname,
        pg_get_function_identity_arguments(proc.oid)
    ) as fix
from pg_proc as proc
join pg_namespace as space on space.oid = proc.pronamespace
where proc.proleakproof and space.nspname !~ '^pg_(catalog|toast)' and space.nspname <> 'information_schema'
    and not exists (
        select from pg_depend as member
        where member.classid = 'pg_proc'::regclass and member.objid = proc.oid and member.deptype = 'e'
    )
order by 1
