-- title: Rows without a tenant are open to every tenant
-- level: warning
-- kind: weakness
-- why: A row that lost its tenant, or never got one, is shown to everybody by this policy.
-- fix: Keep shared rows in a table of their own, make the tenant column not null, and drop the condition.
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
)
select
    policy.relation as object,
    policy.relation as relation,
    null::text as role,
    format(
        'Policies %s of %s let every tenant meet rows whose %I is null, and the column may be null.',
        string_agg(distinct quote_ident(policy.polname), ', ' order by quote_ident(policy.polname)), policy.relation, owned.tenant_column
    ) as detail,
    null::text as fix
from policy
join owned on owned.relid = policy.relid
join pg_attribute as tenant
    on tenant.attrelid = owned.relid and tenant.attname = owned.tenant_column and not tenant.attnotnull
cross join lateral (
    select regexp_replace(quote_ident(owned.tenant_column), '([^[:alnum:]_])', '\\\1', 'g') as name
) as quoted
cross join lateral (values (policy.using_plain), (policy.check_plain)) as side (plain)
where policy.is_permissive and policy.meets_app
    and side.plain ~ format('\(%1$s IS NULL\) OR| OR \(%1$s IS NULL\)|^\(%1$s IS NULL\)$', quoted.name)
group by policy.relation, owned.tenant_column
order by 1
