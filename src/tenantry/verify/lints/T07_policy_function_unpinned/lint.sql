-- title: A function that policies rely on follows the caller's search path
-- level: warning
-- kind: weakness
-- why: Whoever can create functions in any schema can put an own current_setting() or = before the real
--   one, and the policy believes it.
-- fix: Give the function a fixed search_path (and schema-qualified names), or write its expression into the
--   policies.
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
)
select
    routine.signature as object,
    null::text as relation,
    null::text as role,
    format(
        'Policies of %s rely on function %s, whose names are looked up along the caller''s search path.',
        array_to_string((array_agg(distinct format('%I.%I', space.nspname, class.relname) order by format('%I.%I', space.nspname, class.relname)))[1:10], ', ')
        || case when count(distinct format('%I.%I', space.nspname, class.relname)) > 10 then format(' and %s more', count(distinct format('%I.%I', space.nspname, class.relname)) - 10) else '' end,
        routine.signature
    ) as detail,
    format('alter routine %s set search_path = pg_catalog, pg_temp;', routine.signature) as fix
from reach
join routine on routine.oid = reach.routine
join root on root.oid = reach.root
join pg_policy as policy on policy.oid = root.policy
join pg_class as class on class.oid = policy.polrelid
join pg_namespace as space on space.oid = class.relnamespace
join pg_roles as owner on owner.oid = routine.proowner
where not routine.is_atomic
    and not exists (select from unnest(routine.proconfig) as setting (entry) where setting.entry like 'search_path=%')
    -- why: the platform's own functions (auth.uid() and the like) cannot be altered by its customers
    and owner.rolname !~ '^supabase_'
group by routine.signature
order by 1
