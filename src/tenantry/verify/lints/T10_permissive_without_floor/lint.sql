-- title: Permissive policies side by side, and no restrictive floor under them
-- level: note
-- kind: weakness
-- why: Permissive policies are joined with or: the widest of them decides, and the next one somebody adds
--   can only widen it.
-- fix: Add one restrictive policy for all commands to public that compares the tenant column with the
--   context.
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
verb as (
    select verb.command, verb.word
    from (values ('r'::"char", 'select'), ('a', 'insert'), ('w', 'update'), ('d', 'delete')) as verb (command, word)
),
permits as (
    -- which permissive policies of tenants' tables stand side by side for one role and one command
    select
        spoken.*, asker.oid as asker, verb.command as verb, verb.word,
        case when verb.command = 'a' then coalesce(spoken.check_names_tenant, false) or spoken.check_text is null and spoken.using_names_tenant
            else spoken.using_names_tenant end as names_tenant,
        coalesce(case when verb.command = 'a' then coalesce(spoken.check_plain, spoken.using_plain) else spoken.using_plain end, 'true') as plain,
        count(*) over same as policies
    from spoken
    join verb on spoken.command in (verb.command, '*')
    join asker on spoken.is_public
        or exists (select from unnest(spoken.roles) as target (oid) where pg_has_role(asker.oid, target.oid, 'USAGE'))
    where spoken.is_permissive and spoken.relrowsecurity
        and not exists (
            select from floor where floor.relid = spoken.relid and floor.command in (verb.command, '*')
        )
    window same as (partition by spoken.relid, asker.oid, verb.command)
)
select
    permits.relation as object,
    permits.relation as relation,
    null::text as role,
    format(
        '%s has several permissive policies for the same role and command (%s) and no restrictive policy that holds them all to the tenant.',
        permits.relation,
        string_agg(distinct quote_ident(permits.polname), ', ' order by quote_ident(permits.polname))
    ) as detail,
    null::text as fix
from permits
where permits.policies > 1
group by permits.relation
order by 1
