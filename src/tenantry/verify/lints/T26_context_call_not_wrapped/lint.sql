-- title: Policies ask who asks once for every row
-- level: note
-- kind: hygiene
-- why: A bare call is evaluated again for every row of a scan (five to a hundred times slower); inside
--   (select ...) it runs once per statement.
-- fix: Write (select f()) instead of f() in the policy.
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
step as (
    -- take out what stands inside sub-selects, innermost first; other parentheses become <>
    select side.oid, side.relation, 0 as turn, side.plain as text
    from (
        select policy.oid, policy.relation, replace(replace(policy.using_plain, '<', '='), '>', '=') as plain from policy
        union all
        select policy.oid, policy.relation, replace(replace(policy.check_plain, '<', '='), '>', '=') from policy
    ) as side
    where side.plain ~ '\('
    union all
    select
        step.oid, step.relation, step.turn + 1,
        regexp_replace(
            regexp_replace(step.text, '\( SELECT [^()]*\)', 'sub', 'g'), '\((?! SELECT )([^()]*)\)', '<\1>', 'g'
        )
    from step
    where step.text ~ '\([^()]*\)' and step.turn < 50
),
bare as (
    select distinct step.relation, step.oid, call.part[1] as name
    from step
    cross join lateral regexp_matches(
        step.text,
        -- a call whose arguments are constants only
        '((?:[\w"]+\.)?[\w"]+)<(?:(?:''''(?:::[a-z_ ."]+)?|true|false|NULL(?:::[a-z_ ."]+)?|[0-9]+)(?:, )?)*>', 'g'
    ) as call (part)
    where step.text !~ '\([^()]*\)'
),
named as (
    select distinct bare.relation, bare.oid, bare.name
    from bare
    where bare.name = 'current_setting'
        or exists (
            select from routine
            where format('%I.%I', routine.nspname, routine.proname) = bare.name and routine.provolatile <> 'i'
        )
)
select
    named.name || '()' as object,
    null::text as relation,
    null::text as role,
    format(
        '%s policies of %s tables call %s() once for every row that is looked at: %s.',
        count(distinct named.oid), count(distinct named.relation), named.name, array_to_string((array_agg(distinct named.relation order by named.relation))[1:10], ', ')
        || case when count(distinct named.relation) > 10 then format(' and %s more', count(distinct named.relation) - 10) else '' end
    ) as detail,
    null::text as fix
from named
group by named.name
order by 1
