-- title: A function sets the context for the whole session
-- level: warning
-- kind: weakness
-- why: The setting outlives the transaction: on a pooled connection the next request starts as this tenant.
-- fix: Pass true as the third argument of set_config, so that the value ends with the transaction.
with policy as materialized (
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
context as (
    select lower(context.name) as name from unnest(%(context_settings)s::text[]) as context (name)
    union
    select lower(part[1])
    from (
        select policy.using_text as text from policy
        union all
        select policy.check_text from policy
        union all
        select routine.source from routine
    ) as spoken
    cross join lateral regexp_matches(spoken.text, 'current_setting\s*\(\s*''([^'']+\.[^'']+)''', 'gi') as part
)
select
    routine.signature as object,
    null::text as relation,
    null::text as role,
    format(
        'Function %s%s sets %s for the whole session, so the next user of the connection inherits it.',
        routine.signature, case when routine.prosecdef then ', with its owner''s rights,' else '' end,
        string_agg(distinct part[1], ', ' order by part[1])
    ) as detail,
    null::text as fix
from routine
cross join lateral (
    select part
    from regexp_matches(
        routine.source, 'set_config\s*\(\s*''([^'']+)''\s*,(?:(?!set_config)[^;])*?,\s*(?:is_local\s*(?:=>|:=)\s*)?false\s*\)', 'gi'
    ) as part
    union all
    select part
    from regexp_matches(routine.source, '(?:^|[;\s])set\s+(?:session\s+)?(\w+\.\w+)\s*(?:=|\sto\s)', 'gi') as part
    where routine.lanname = 'plpgsql'
) as assignment
join context on context.name = lower(part[1])
group by routine.signature, routine.prosecdef
order by 1
