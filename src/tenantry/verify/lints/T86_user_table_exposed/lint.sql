-- title: The list of users is open through a view
-- level: error
-- kind: leak
-- why: Names, addresses and logins of the users of all tenants can be read by anyone who may read the view.
-- fix: Recreate the view with security_invoker, or let it show only the asker's own row; revoke the grant on a
--   materialized view.
-- uses: acting
with recursive users as (
    select
        class.oid, class.relowner, class.relrowsecurity, class.relforcerowsecurity,
        format('%I.%I', space.nspname, class.relname) as name
    from pg_class as class
    join pg_namespace as space on space.oid = class.relnamespace
    where class.oid = to_regclass('auth.users')
        or class.oid in (
            select owned.relid from jsonb_to_recordset(%(owned)s::jsonb) as owned (relid oid, is_user_table bool)
            where owned.is_user_table
        )
),
view_read as (
    select distinct
        view.oid,
        view.relnamespace,
        link.refobjid as reads,
        format('%I.%I', space.nspname, view.relname) as name,
        (
            select string_agg(
                distinct format(
                    'revoke select on %I.%I from %s;',
                    space.nspname, view.relname,
                    case when acl.grantee = 0 then 'public' else format('%I', pg_get_userbyid(acl.grantee)) end
                ), ' '
            )
            from aclexplode(view.relacl) as acl
            where acl.grantee <> view.relowner
        ) as closing,
        view.relkind = 'm' as is_materialized,
        exists (
            select from unnest(view.reloptions) as option (text)
            where option.text in (
                'security_invoker=true', 'security_invoker=on', 'security_invoker=1', 'security_invoker=yes'
            )
        ) as is_invoker,
        owner.oid as owner,
        owner.rolsuper or owner.rolbypassrls as is_exempt
    from pg_depend as link
    join pg_rewrite as rule on rule.oid = link.objid
    join pg_class as view on view.oid = rule.ev_class and view.relkind in ('v', 'm')
    join pg_namespace as space on space.oid = view.relnamespace
    join pg_roles as owner on owner.oid = view.relowner
    where link.classid = 'pg_rewrite'::regclass
        and link.refclassid = 'pg_class'::regclass
        and link.refobjid <> view.oid
        and link.deptype = 'n'
),
open as (
    select
        view_read.oid, view_read.relnamespace, view_read.name, view_read.closing, view_read.is_materialized,
        users.name as users
    from users
    join view_read on view_read.reads = users.oid
    where (
            view_read.is_exempt
            or not users.relrowsecurity
            or not users.relforcerowsecurity and pg_has_role(view_read.owner, users.relowner, 'USAGE')
        )
        and (view_read.is_materialized or not view_read.is_invoker)
        -- why: a view that asks who reads it shows that reader's rows
        and (
            view_read.is_materialized
            or pg_get_viewdef(view_read.oid)
                !~* '(current_setting|current_user|session_user|auth\.(uid|jwt|email|role))'
        )
    union
    select
        view_read.oid, view_read.relnamespace, view_read.name, view_read.closing, view_read.is_materialized, open.users
    from open
    join view_read
        on view_read.reads = open.oid
        and (
            view_read.is_materialized
            or not view_read.is_invoker
            and pg_get_viewdef(view_read.oid)
                !~* '(current_setting|current_user|session_user|auth\.(uid|jwt|email|role))'
        )
)
select
    open.name as object,
    open.name as relation,
    acting.name as role,
    format(
        '%I may read %s, which shows rows of %s (the users of all tenants) past row security.',
        acting.name, open.name, string_agg(distinct open.users, ', ')
    ) as detail,
    case
        when open.is_materialized then open.closing
        else format('alter view %s set (security_invoker = true);', open.name)
    end as fix
from open
join acting
    on has_schema_privilege(acting.oid, open.relnamespace, 'USAGE')
    and has_any_column_privilege(acting.oid, open.oid, 'SELECT')
group by open.name, open.is_materialized, open.closing, acting.name
order by 1, 3
