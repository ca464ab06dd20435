-- title: A policy lets rows be written for other tenants
-- level: warning
-- kind: weakness
-- why: WITH CHECK is all that looks at a new row: without the tenant in it, rows can be added for, or moved
--   to, any tenant.
-- fix: Compare the tenant column with the context in WITH CHECK as USING does, or leave WITH CHECK out of
--   update policies.
-- uses: asker, spoken, floor
with named_somewhere as (
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
        or writes.using_plain ~* 'current_setting\s*\(|current_user|session_user|\mauth\.(uid|jwt|role|email)\s*\('
        and writes.check_plain !~* 'current_setting\s*\(|current_user|session_user|\mauth\.(uid|jwt|role|email)\s*\('
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
