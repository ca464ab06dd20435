-- title: A policy fails when the context has been reset
-- level: note
-- kind: broken
-- why: After a transaction with a local setting the setting is an empty string, not null, and casting that
--   raises 22P02 on a pooled connection.
-- fix: Write nullif(current_setting(name, true), '') before the cast.
with recursive policy as materialized (
    select
        policy.oid, policy.polname, policy.polrelid as relid, policy.polcmd as command,
        policy.polpermissive as is_permissive, policy.polroles as roles,
        0::oid = any (policy.polroles) as is_public,
        0::oid = any (policy.polroles) or exists (
            select from pg_roles as app
            cross join unnest(policy.polroles) as target (oid)
            where app.oid = any (%(app_roles)s::oid[]) and not app.rolsuper and not app.rolbypassrls
                and pg_has_role(app.oid, target.oid, 'USAGE')
        ) as meets_app,
        format('%I.%I', space.nspname, class.relname) as relation,
        class.relname, class.relkind, class.relrowsecurity,
        expression.using_text, expression.check_text,
        -- why: without literals and column aliases what is left are names that mean something
        regexp_replace(
            regexp_replace(expression.using_text, '''(?:[^'']|'''')*''', '''''', 'g'), '\mAS ("[^"]+"|\w+)', '', 'g'
        ) as using_plain,
        regexp_replace(
            regexp_replace(expression.check_text, '''(?:[^'']|'''')*''', '''''', 'g'), '\mAS ("[^"]+"|\w+)', '', 'g'
        ) as check_plain
    from pg_policy as policy
    join pg_class as class on class.oid = policy.polrelid
    join pg_namespace as space on space.oid = class.relnamespace
    cross join lateral (
        select
            pg_get_expr(policy.polqual, policy.polrelid) as using_text,
            pg_get_expr(policy.polwithcheck, policy.polrelid) as check_text
    ) as expression
    where space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
        and not exists (
            select from pg_depend as member
            where member.classid = 'pg_class'::regclass and member.objid = class.oid and member.deptype = 'e'
        )
),
routine as materialized (
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
spoken_text as (
    select policy.oid as policy, policy.relation, side.text, null::text as signature
    from policy
    cross join lateral (values (policy.using_text), (policy.check_text)) as side (text)
    union
    select root.policy, policy.relation, routine.source, routine.signature
    from root
    join policy on policy.oid = root.policy
    join reach on reach.root = root.oid
    join routine on routine.oid = reach.routine
),
raising as (
    select distinct spoken_text.relation, spoken_text.policy, found.part[1] as setting, spoken_text.signature
    from spoken_text
    cross join lateral regexp_matches(
        spoken_text.text,
        'current_setting\s*\(\s*''([^'']+\.[^'']+)''[^()]*\)\s*(?:\)\s*)?(?:::\s*|\s+as\s+)(?:uuid|integer|int|int4|int8|bigint|int2|smallint|numeric|jsonb?|oid|date)\M', 'gi'
    ) as found (part)
)
select
    raising.setting as object,
    null::text as relation,
    null::text as role,
    format(
        'Policies of %s cast %s without nullif%s, so they raise an error when it is an empty string, as it is after a transaction that set it locally.',
        array_to_string((array_agg(distinct raising.relation order by raising.relation))[1:10], ', ')
        || case when count(distinct raising.relation) > 10 then format(' and %s more', count(distinct raising.relation) - 10) else '' end, raising.setting,
        coalesce(' in ' || string_agg(distinct raising.signature, ', ' order by raising.signature), '')
    ) as detail,
    null::text as fix
from raising
group by raising.setting
order by 1
