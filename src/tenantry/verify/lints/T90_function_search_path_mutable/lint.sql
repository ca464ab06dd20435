-- title: Functions look names up along the caller's path
-- level: note
-- kind: weakness
-- why: The caller decides which table or function a name means; in a policy or a trigger that is the attacker.
-- fix: Set search_path on the function to '' and write names with their schema.
with loose as (
    select
        space.nspname,
        routine.oid::regprocedure::text as name,
        format('alter routine %s set search_path = '''';', routine.oid::regprocedure) as fix
    from pg_proc as routine
    join pg_namespace as space on space.oid = routine.pronamespace
    join pg_language as language on language.oid = routine.prolang and language.lanname not in ('internal', 'c')
    where routine.prokind in ('f', 'p')
        and not routine.prosecdef
        -- why: names in a body of standard SQL are resolved when the function is made
        and routine.prosqlbody is null
        and not exists (select from unnest(routine.proconfig) as setting (text) where setting.text like 'search_path=%')
        and space.nspname !~ '^(pg_|information_schema$)'
        and pg_get_userbyid(routine.proowner) !~ '^supabase_.*admin$'
        and not exists (
            select from pg_depend as link
            where link.classid = 'pg_proc'::regclass and link.objid = routine.oid and link.deptype = 'e'
        )
)
select
    format('%I', loose.nspname) as object,
    null::text as relation,
    null::text as role,
    format(
        '%s functions in schema %I have no search_path of their own, so the caller decides what their names mean: '
        '%s%s.',
        count(*), loose.nspname,
        array_to_string((array_agg(loose.name order by loose.name))[1:10], ', '),
        case when count(*) > 10 then ', and more' else '' end
    ) as detail,
    case when count(*) <= 10 then string_agg(loose.fix, ' ' order by loose.fix) end as fix
from loose
group by loose.nspname
order by 1
