-- title: A policy never looks at the row
-- level: warning
-- kind: weakness
-- why: Its condition is the same for every row: whoever meets it reaches rows of all tenants.
-- fix: Compare a column of the row, above all the tenant, with the context; look for a column that was
--   meant to be this table's.
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
)
select
    spoken.relation as object,
    spoken.relation as relation,
    null::text as role,
    format(
        'Policy %I of %s (%s) names no column of %s, so whoever meets it may %s the rows of every tenant.',
        spoken.polname, spoken.relation, left(coalesce(spoken.using_text, spoken.check_text), 120), spoken.relation,
        case spoken.command when 'r' then 'read' when 'a' then 'add to' when 'w' then 'change' when 'd' then 'delete'
            else 'read and change' end
    ) as detail,
    null::text as fix
from spoken
where spoken.is_permissive and spoken.meets_app and spoken.relrowsecurity
    -- why: true and false are other lints' business
    and coalesce(spoken.using_plain, spoken.check_plain) not in ('true', 'false')
    and not exists (
        select from pg_depend as used
        where used.classid = 'pg_policy'::regclass and used.objid = spoken.oid
            and used.refclassid = 'pg_class'::regclass and used.refobjid = spoken.relid and used.refobjsubid > 0
    )
    -- a row handed over whole leaves no trace of its columns
    and strpos(coalesce(spoken.using_plain, '') || coalesce(spoken.check_plain, ''), quote_ident(spoken.relname) || '.*') = 0
    -- inner.a = inner.b: T61 says what happened there
    and coalesce(spoken.using_plain, '') || ' ' || coalesce(spoken.check_plain, '') !~ '(\m[\w"]+\.)[\w"]+\)?(?:::[\w ]+)? = \(?\1[\w"]+'
    and not exists (
        select from floor where floor.relid = spoken.relid and floor.command in (spoken.command, '*')
    )
order by 1, spoken.polname
