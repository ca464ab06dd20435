-- about: Every function and procedure whose source can be read, with that source.
-- materialized: sources are read from the catalog once
select
    proc.oid, proc.proname, space.nspname, language.lanname, proc.provolatile, proc.prosecdef, proc.proconfig,
    proc.proowner, proc.proargnames, proc.proargmodes, proc.prorettype, proc.prosqlbody is not null as is_atomic,
    format('%I.%I(%s)', space.nspname, proc.proname, pg_get_function_identity_arguments(proc.oid)) as signature,
    regexp_replace(
        case when proc.prosqlbody is null then proc.prosrc else pg_get_function_sqlbody(proc.oid) end,
        '--[^\n]*', '', 'g'
    ) as source
from pg_proc as proc
join pg_namespace as space on space.oid = proc.pronamespace
join pg_language as language on language.oid = proc.prolang
where proc.prokind in ('f', 'p') and language.lanname not in ('internal', 'c')
    and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
    and not exists (
        select from pg_depend as member
        where member.classid = 'pg_proc'::regclass and member.objid = proc.oid and member.deptype = 'e'
    )
