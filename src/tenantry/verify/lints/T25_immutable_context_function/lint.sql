-- title: A policy relies on a function that claims never to change
-- level: warning
-- kind: weakness
-- why: An immutable function is evaluated once when a statement is planned; the cached plan then shows the
--   first tenant's rows to the next one.
-- fix: Mark it stable.
with recursive routine as materialized (
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
),
root as (
    select distinct used.objid as policy, used.refobjid as oid
    from pg_depend as used
    where used.classid = 'pg_policy'::regclass and used.refclassid = 'pg_proc'::regclass
),
reach as (
    select distinct root.oid as root, root.oid as routine from root join routine on routine.oid = root.oid
    union
    select reach.root, callee.oid
    from reach
    join routine as caller on caller.oid = reach.routine
    cross join lateral regexp_matches(
        replace(lower(caller.source), '"', ''), '(?:(\w+)\.)?(\w+)\s*\(', 'g'
    ) as call (part)
    join routine as callee
        on lower(callee.proname) = call.part[2]
        and (call.part[1] is null or lower(callee.nspname) = call.part[1])
),
pair as (
    select distinct reach.root, reach.routine from reach
)
select
    routine.signature as object,
    null::text as relation,
    null::text as role,
    format(
        'Policies of %s rely on function %s, which is marked immutable and yet depends on who asks.',
        array_to_string((array_agg(distinct format('%I.%I', space.nspname, class.relname) order by format('%I.%I', space.nspname, class.relname)))[1:10], ', ')
        || case when count(distinct format('%I.%I', space.nspname, class.relname)) > 10 then format(' and %s more', count(distinct format('%I.%I', space.nspname, class.relname)) - 10) else '' end,
        routine.signature
    ) as detail,
    format('alter function %s stable;', routine.signature) as fix
from pair
join routine on routine.oid = pair.routine
join root on root.oid = pair.root
join pg_policy as policy on policy.oid = root.policy
join pg_class as class on class.oid = policy.polrelid
join pg_namespace as space on space.oid = class.relnamespace
where routine.provolatile = 'i'
    and (
        routine.source ~* 'current_setting\s*\(|current_user|session_user|\mauth\.(uid|jwt|role|email)\s*\('
        or exists (
            -- it asks by way of a function it calls
            select from regexp_matches(replace(lower(routine.source), '"', ''), '(\w+)\s*\(', 'g') as call (part)
            join routine as callee on lower(callee.proname) = call.part[1] and callee.oid <> routine.oid
            where callee.source ~* 'current_setting\s*\(|current_user|session_user|\mauth\.(uid|jwt|role|email)\s*\('
        )
    )
group by routine.signature
order by 1
