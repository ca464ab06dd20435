-- title: A policy believes data that users edit themselves
-- level: warning
-- kind: weakness
-- why: user_metadata (raw_user_meta_data) in a token is whatever the signed-in user wrote there; it says
--   nothing about what the user may do.
-- fix: Use app_metadata, which only the server writes, or a table of memberships.
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
)
select
    spoken_text.relation as object,
    spoken_text.relation as relation,
    null::text as role,
    format(
        'Policies %s of %s decide by user_metadata%s, which every user may change.',
        string_agg(distinct quote_ident(policy.polname), ', ' order by quote_ident(policy.polname)), spoken_text.relation,
        coalesce(' in ' || string_agg(distinct spoken_text.signature, ', ' order by spoken_text.signature), '')
    ) as detail,
    null::text as fix
from spoken_text
join policy on policy.oid = spoken_text.policy
where spoken_text.text ~* '\m(raw_)?user_meta_?data\M'
group by spoken_text.relation
order by 1
