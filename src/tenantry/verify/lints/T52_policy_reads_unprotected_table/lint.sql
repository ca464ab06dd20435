-- title: A policy believes a table that the application may change
-- level: error
-- kind: weakness
-- why: The policy asks this table who belongs where, and nothing keeps an application role from adding
--   itself to any tenant.
-- fix: Enable and force row security on that table, or revoke insert and update from application roles.
with recursive asker as (
    select role.oid, quote_ident(role.rolname) as name
    from pg_roles as role
    where role.oid = any (%(app_roles)s::oid[]) and not role.rolsuper and not role.rolbypassrls
    union all
    select 0, 'public'  -- how privilege functions know PUBLIC
),
policy as materialized (
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
policy_reads as (
    -- relations a policy reads in its own text, and tables that functions under it read
    select used.objid as policy, used.refobjid as relid, null::text as by_way_of
    from pg_depend as used
    join policy on policy.oid = used.objid
    where used.classid = 'pg_policy'::regclass and used.refclassid = 'pg_class'::regclass and used.refobjid <> policy.relid
    union
    select root.policy, named.oid, routine.signature
    from root
    join reach on reach.root = root.oid
    join routine on routine.oid = reach.routine
    cross join lateral regexp_matches(
        replace(lower(routine.source), '"', ''), '\m(?:from|join)\s+(?:only\s+)?(?:(\w+)\.)?(\w+)', 'g'
    ) as word (part)
    join lateral (
        -- why: a bare name could mean any of several tables; then nothing is claimed
        select min(class.oid::bigint)::oid as oid
        from pg_class as class
        join pg_namespace as space on space.oid = class.relnamespace
        where lower(class.relname) = word.part[2] and class.relkind in ('r', 'p')
            and (word.part[1] is null or lower(space.nspname) = word.part[1])
            and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
        having count(*) = 1
    ) as named on true
)
select
    format('%I.%I', space.nspname, class.relname) as object,
    format('%I.%I', space.nspname, class.relname) as relation,
    writer.names as role,
    format(
        'Policies of %s look up %I.%I%s, which has no row security and which %s may write: whoever adds a row there decides what the policies show.',
        array_to_string((array_agg(distinct policy.relation order by policy.relation))[1:10], ', ')
        || case when count(distinct policy.relation) > 10 then format(' and %s more', count(distinct policy.relation) - 10) else '' end,
        space.nspname, class.relname,
        coalesce(' in ' || string_agg(distinct policy_reads.by_way_of, ', ' order by policy_reads.by_way_of), ''), writer.names
    ) as detail,
    format('revoke insert, update on %I.%I from %s;', space.nspname, class.relname, writer.names) as fix
from policy_reads
join policy on policy.oid = policy_reads.policy and policy.relrowsecurity and policy.is_permissive and policy.meets_app
join pg_class as class on class.oid = policy_reads.relid and class.relkind in ('r', 'p') and not class.relrowsecurity
join pg_namespace as space on space.oid = class.relnamespace
cross join lateral (
    select string_agg(asker.name, ', ' order by asker.name) as names
    from asker
    where has_any_column_privilege(asker.oid, class.oid, 'INSERT, UPDATE')
        and has_schema_privilege(asker.oid, space.oid, 'USAGE')
) as writer
where writer.names is not null
group by space.nspname, class.relname, writer.names
order by 1
