-- title: A policy named after the service is open to everybody
-- level: error
-- kind: leak
-- why: Without TO a policy is for public, whatever its name says: every role with a grant reaches every
--   tenant's rows.
-- fix: Drop it: a service role with BYPASSRLS needs no policy; or write it TO that role.
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
spoken as materialized (
    select
        policy.*, owned.tenant_column, owned.is_tenant_table,
        coalesce(policy.using_plain ~ pattern.names_tenant, false) as using_names_tenant,
        coalesce(policy.check_plain ~ pattern.names_tenant, false) as check_names_tenant
    from policy
    join owned on owned.relid = policy.relid
    cross join lateral (
        select
            regexp_replace(quote_ident(owned.tenant_column), '([^[:alnum:]_])', '\\\1', 'g') as tenant,
            regexp_replace(quote_ident(owned.relname), '([^[:alnum:]_])', '\\\1', 'g') as itself
    ) as quoted
    cross join lateral (
        -- why: the row's own columns stand bare outside sub-selects and behind the table's name inside them
        select format(
            '(^|[^\w.":$])%1$s($|[^\w"$(.])|(^|[^\w."])%2$s\.(%1$s($|[^\w"$(])|\*)', quoted.tenant, quoted.itself
        ) as names_tenant
    ) as pattern
),
floor as (
    -- a restrictive policy to everybody that names the tenant: nothing permissive can widen it
    select spoken.relid, spoken.command
    from spoken
    where not spoken.is_permissive and spoken.is_public
        and (
            spoken.tenant_column is null
            or case when spoken.command = 'a' then spoken.check_names_tenant else spoken.using_names_tenant end
        )
),
always as (
    select policy.*, owned.relid is not null as is_owned, owned.is_tenant_table, owned.tenant_column
    from policy
    left join owned on owned.relid = policy.relid
    where policy.is_permissive and policy.meets_app and policy.relrowsecurity
        and coalesce(case when policy.command = 'a' then policy.check_plain else policy.using_plain end, 'true')
            ~ '^\(?(true|1 = 1|\(1 = 1\))\)?$'
        and not exists (
            select from floor where floor.relid = policy.relid and floor.command in (policy.command, '*')
        )
        and exists (
            select from asker
            where case policy.command
                when 'r' then has_any_column_privilege(asker.oid, policy.relid, 'SELECT')
                when 'a' then has_any_column_privilege(asker.oid, policy.relid, 'INSERT')
                when 'w' then has_any_column_privilege(asker.oid, policy.relid, 'UPDATE')
                when 'd' then has_table_privilege(asker.oid, policy.relid, 'DELETE')
                else has_any_column_privilege(asker.oid, policy.relid, 'SELECT, INSERT, UPDATE')
                    or has_table_privilege(asker.oid, policy.relid, 'DELETE')
            end
        )
)
select
    always.relation as object,
    always.relation as relation,
    null::text as role,
    format(
        'Policy %s of %s was meant for the service and is written to everybody with a condition that is always true.',
        string_agg(quote_ident(always.polname), ', ' order by always.polname), always.relation
    ) as detail,
    string_agg(format('drop policy %I on %s;', always.polname, always.relation), ' ' order by always.polname) as fix
from always
where always.is_owned and always.is_public and always.command <> 'a' and always.polname ~* '(service|admin|internal|system|backend|worker|cron|super)'
group by always.relation
order by 1
