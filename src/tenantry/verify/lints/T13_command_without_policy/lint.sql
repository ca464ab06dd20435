-- title: A role may write rows that it can never find
-- level: note
-- kind: broken
-- why: An update or delete sees only rows that a select policy shows; without one it changes nothing and
--   reports no error.
-- fix: Add a select policy with the same condition.
with asker as (
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
meets as (
    select policy.relid, policy.relation, policy.command, policy.polname, asker.oid as asker, asker.name
    from policy
    join asker on policy.is_public
        or exists (select from unnest(policy.roles) as target (oid) where pg_has_role(asker.oid, target.oid, 'USAGE'))
    where policy.is_permissive and policy.relrowsecurity
        and coalesce(policy.using_plain, policy.check_plain, 'true') <> 'false'
)
select
    meets.relation as object,
    meets.relation as relation,
    meets.name as role,
    format(
        'Policies %s of %s let %s change rows, and no select policy shows %s any: such statements find nothing and say nothing.',
        string_agg(distinct quote_ident(meets.polname), ', ' order by quote_ident(meets.polname)),
        meets.relation, meets.name, meets.name
    ) as detail,
    null::text as fix
from meets
where meets.command in ('w', 'd') and meets.asker <> 0
    and has_any_column_privilege(meets.asker, meets.relid, 'SELECT')
    and not exists (
        select from meets as sees
        where sees.relid = meets.relid and sees.asker = meets.asker and sees.command in ('r', '*')
    )
group by meets.relation, meets.name
order by 1, 3
