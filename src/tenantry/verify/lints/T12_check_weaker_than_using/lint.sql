-- title: A policy lets rows be written for other tenants
-- level: warning
-- kind: weakness
-- why: WITH CHECK is all that looks at a new row: without the tenant in it, rows can be added for, or moved
--   to, any tenant.
-- fix: Compare the tenant column with the context in WITH CHECK as USING does, or leave WITH CHECK out of
--   update policies.
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
named_somewhere as (
    select spoken.relid from spoken where spoken.using_names_tenant or spoken.check_names_tenant
),
writes as (
    -- each policy by the way a new row comes about
    select spoken.*, verb.command as verb
    from spoken
    join (values ('a'::"char"), ('w')) as verb (command) on spoken.command in (verb.command, '*')
    where spoken.is_permissive and spoken.relrowsecurity and spoken.meets_app and not spoken.is_tenant_table
        and spoken.tenant_column is not null and spoken.check_text is not null
        and not exists (
            select from floor where floor.relid = spoken.relid and floor.command in (verb.command, '*')
        )
        and exists (
            select from asker
            join pg_attribute as tenant on tenant.attrelid = spoken.relid and tenant.attname = spoken.tenant_column
            where has_column_privilege(
                asker.oid, spoken.relid, tenant.attnum, case verb.command when 'a' then 'INSERT' else 'UPDATE' end
            )
        )
)
select
    writes.relation as object,
    writes.relation as relation,
    null::text as role,
    format(
        'Policy %I of %s %s: its WITH CHECK (%s) does not hold %I to the tenant who asks.',
        writes.polname, writes.relation,
        case
            when bool_and(writes.verb = 'a') then 'lets rows be added for another tenant'
            when bool_and(writes.verb = 'w') then 'lets rows be moved to another tenant'
            else 'lets rows be added for another tenant and moved there'
        end,
        left(writes.check_text, 120), writes.tenant_column
    ) as detail,
    case when writes.using_names_tenant then format(
        'alter policy %I on %s with check (%s);', writes.polname, writes.relation, writes.using_text
    ) end as fix
from writes
where writes.check_plain <> 'false'
    and (
        not writes.check_names_tenant and coalesce(writes.using_plain, '') <> 'true'
            and writes.relid in (select named_somewhere.relid from named_somewhere)
        or writes.check_plain = 'true'
            -- why: where reading is open to all as well, T80 and T84 say so
            and coalesce(writes.using_plain, '') <> 'true'
        -- names the tenant column in USING with the context, and without it in WITH CHECK
        or writes.using_plain ~* 'current_setting\s*\(|current_user|session_user|\mauth\.(uid|jwt|role|email)\s*\(' and writes.check_plain !~* 'current_setting\s*\(|current_user|session_user|\mauth\.(uid|jwt|role|email)\s*\('
            and not exists (
                select from pg_depend as used
                where used.classid = 'pg_policy'::regclass and used.objid = writes.oid
                    and (
                        used.refclassid = 'pg_proc'::regclass
                        or used.refclassid = 'pg_class'::regclass and used.refobjid <> writes.relid
                    )
            )
    )
group by writes.oid, writes.relation, writes.polname, writes.check_text, writes.tenant_column,
    writes.using_names_tenant, writes.using_text
order by 1, writes.polname
