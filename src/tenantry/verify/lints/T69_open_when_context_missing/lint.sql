-- title: A policy opens when nobody has said who asks
-- level: warning
-- kind: weakness
-- why: A condition that is true for a missing context shows every tenant's rows to any request that forgot
--   to set it.
-- fix: Let a missing context mean no rows; give jobs a policy or role of their own.
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
side as (
    -- the context, however it is read and wrapped, becomes the one word CTX
    select policy.relation, policy.polname, wrapped.text
    from policy
    cross join lateral (values (policy.using_plain), (policy.check_plain)) as expression (plain)
    cross join lateral (
        select regexp_replace(expression.plain, 'current_setting\([^()]*\)|[\w"]+\.[\w"]+\(\)', 'CTX', 'g') as text
    ) as called
    cross join lateral (select regexp_replace(called.text, 'NULLIF\(CTX, [^()]*\)', 'CTX', 'g') as text) as emptied
    cross join lateral (select regexp_replace(emptied.text, '\(CTX\)::\w+|CTX::\w+', 'CTX', 'g') as text) as typed
    cross join lateral (select regexp_replace(typed.text, '\( SELECT CTX *\)(::\w+)?', 'CTX', 'g') as text) as wrapped
    where policy.is_permissive and policy.meets_app
)
select
    side.relation as object,
    side.relation as relation,
    null::text as role,
    format(
        'Policies %s of %s let every row through when there is no context.',
        string_agg(distinct quote_ident(side.polname), ', ' order by quote_ident(side.polname)), side.relation
    ) as detail,
    null::text as fix
from side
where side.text ~ '\(CTX (IS NULL|= ''''(::\w+)?)\) OR| OR \(CTX (IS NULL|= ''''(::\w+)?)\)'
        and side.text !~ 'NOT \(\('
    or side.text ~ '\m([\w".]+) = COALESCE\(CTX, \1\)'
group by side.relation
order by 1
