-- title: Rights that no policy ever lets through
-- level: note
-- kind: hygiene
-- why: Row security is on and no policy covers the command: inserts are refused, updates and deletes
--   silently change nothing.
-- fix: Revoke the right where nobody needs it; write the policy where somebody does.
with owned as (
    select
        class.oid as relid, owned.tenant_column, owned.is_tenant_table, owned.is_user_table,
        format('%I.%I', space.nspname, class.relname) as relation, space.nspname, class.relname,
        class.relnamespace, class.relowner, class.relkind, class.relispartition,
        class.relrowsecurity, class.relforcerowsecurity
    from jsonb_to_recordset(%(owned)s::jsonb) as owned (
        relid oid, tenant_column text, is_tenant_table boolean, is_user_table boolean
    )
    join pg_class as class on class.oid = owned.relid
    join pg_namespace as space on space.oid = class.relnamespace
    where class.relkind in ('r', 'p')
),
asker as (
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
verb as (
    select verb.command, verb.word
    from (values ('a'::"char", 'insert'), ('w', 'update'), ('d', 'delete')) as verb (command, word)
),
gap as (
    select asker.name, owned.relation, string_agg(verb.word, '/' order by verb.word) as words
    from owned
    cross join asker
    cross join verb
    where owned.relrowsecurity and not owned.relispartition and asker.oid <> 0
        and case verb.command
            when 'd' then has_table_privilege(asker.oid, owned.relid, 'DELETE')
            else has_any_column_privilege(asker.oid, owned.relid, verb.word)
        end
        and exists (select from policy where policy.relid = owned.relid)
        and not exists (
            select from policy
            where policy.relid = owned.relid and policy.is_permissive and policy.command in (verb.command, '*')
                and (
                    policy.is_public
                    or exists (
                        select from unnest(policy.roles) as target (oid) where pg_has_role(asker.oid, target.oid, 'USAGE')
                    )
                )
        )
        and not pg_has_role(asker.oid, owned.relowner, 'USAGE')
        and not exists (select from pg_roles as role where role.oid = asker.oid and role.rolbypassrls)
    group by asker.name, owned.relation
)
select
    gap.name as object,
    null::text as relation,
    gap.name as role,
    format(
        '%s has rights on %s tables that no policy lets through: %s.',
        gap.name, count(*), array_to_string((array_agg(format('%s on %s', gap.words, gap.relation) order by format('%s on %s', gap.words, gap.relation)))[1:10], ', ')
        || case when count(*) > 10 then format(' and %s more', count(*) - 10) else '' end
    ) as detail,
    null::text as fix
from gap
group by gap.name
order by 1
