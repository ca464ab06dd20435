-- title: Policies believe a setting that any SQL can change
-- level: warning
-- kind: weakness
-- why: Every role may set a custom setting. One injected expression, such as set_config() in a union, makes
--   the session another tenant's.
-- fix: Open the context with a signed token into a setting which only its owner may write, or declare that
--   all SQL text is trusted.
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
setting_read as (
    select distinct spoken_text.policy, spoken_text.relation, lower(found.name) as setting
    from spoken_text
    cross join lateral (
        select part[1] as name
        from regexp_matches(spoken_text.text, 'current_setting\s*\(\s*''([^'']+\.[^'']+)''', 'gi') as part
        union
        select context.name
        from unnest(%(context_settings)s::text[]) as context (name)
        where context.name like '%.%' and strpos(spoken_text.text, quote_literal(context.name)) > 0
    ) as found
    where spoken_text.text is not null
        -- why: a value whose signature is checked where it is read cannot be made up
        and not (spoken_text.signature is not null and spoken_text.text ~* '\m(hmac|sha256|sha512|digest|verify)\w*\s*\(')
)
select
    setting_read.setting as object,
    null::text as relation,
    null::text as role,
    format(
        '%s policies on %s tables learn who asks from %s, which every role may set to anything: %s.',
        count(distinct setting_read.policy), count(distinct setting_read.relation), setting_read.setting,
        array_to_string((array_agg(distinct setting_read.relation order by setting_read.relation))[1:10], ', ')
        || case when count(distinct setting_read.relation) > 10 then format(' and %s more', count(distinct setting_read.relation) - 10) else '' end
    ) as detail,
    null::text as fix
from setting_read
group by setting_read.setting
order by 1
