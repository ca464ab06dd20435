-- about: Every policy of the database, with its expressions as text and without their literals.
-- materialized: expressions are read from the catalog once
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
