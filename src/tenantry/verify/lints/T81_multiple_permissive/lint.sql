-- title: Several permissive policies are evaluated for one command
-- level: note
-- kind: hygiene
-- why: Each is evaluated for every row; one policy with or says the same and shows at a glance what is
--   open.
-- fix: Join them into one policy for each role and command.
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
verb as (
    select verb.command, verb.word
    from (values ('r'::"char", 'select'), ('a', 'insert'), ('w', 'update'), ('d', 'delete')) as verb (command, word)
),
side_by_side as (
    select policy.relation, verb.word, target.oid, array_agg(policy.polname order by policy.polname) as policies
    from policy
    cross join lateral unnest(policy.roles) as target (oid)
    join verb on policy.command in (verb.command, '*')
    where policy.is_permissive
    group by policy.relation, verb.word, target.oid
    having count(*) > 1
)
select
    side_by_side.relation as object,
    side_by_side.relation as relation,
    null::text as role,
    format(
        '%s has several permissive policies (%s) for %s of the same role.',
        side_by_side.relation, string_agg(distinct quote_ident(member.polname), ', ' order by quote_ident(member.polname)),
        string_agg(distinct side_by_side.word, ', ' order by side_by_side.word)
    ) as detail,
    null::text as fix
from side_by_side
cross join lateral unnest(side_by_side.policies) as member (polname)
group by side_by_side.relation
order by 1
