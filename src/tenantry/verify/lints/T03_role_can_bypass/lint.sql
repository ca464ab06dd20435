-- title: An application role can step past row security
-- level: error
-- kind: weakness
-- why: Superusers, BYPASSRLS roles and roles that read the server's files are not held by policies; nor is whoever
--   may act as one.
-- fix: Take the attribute or the membership away from the application's role; keep such roles for administration.
with app_role as (
    select role.oid, role.rolname::text as name, role.rolsuper, role.rolbypassrls
    from pg_roles as role
    where role.oid = any(%(app_roles)s::oid[])
),
strong as (
    select
        role.oid,
        role.rolname::text as name,
        not (role.rolsuper or role.rolbypassrls) as is_inherited,
        case
            when role.rolsuper then format('it may become %I, a superuser', role.rolname)
            when role.rolbypassrls then format('it may become %I, which has BYPASSRLS', role.rolname)
            else format('it is a member of %I, which reaches the files of every table', role.rolname)
        end as power
    from pg_roles as role
    -- why: owners of tables are left out: T51 and T51b name them with their tables
    where role.rolsuper
        or role.rolbypassrls
        or role.rolname in ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')
),
-- why: before 16 every membership allows SET ROLE; attributes are only ever gained by SET ROLE, never inherited
reached as (
    select app_role.oid, app_role.name, strong.oid as strong, strong.power
    from app_role
    join strong
        on strong.oid <> app_role.oid
        and (
            pg_has_role(
                app_role.oid, strong.oid,
                case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end
            )
            or strong.is_inherited and pg_has_role(app_role.oid, strong.oid, 'USAGE')
        )
    where not app_role.rolsuper
),
step as (
    select reached.oid, format('revoke %I from %I;', door.rolname, reached.name) as fix
    from reached
    join pg_auth_members as member on member.member = reached.oid
    join pg_roles as door on door.oid = member.roleid
    where member.roleid = reached.strong or pg_has_role(member.roleid, reached.strong, 'MEMBER')
),
found as (
    select
        app_role.oid,
        app_role.name,
        case when app_role.rolsuper then 'it is a superuser' else 'it has BYPASSRLS' end as power,
        format(
            'alter role %I %s;',
            app_role.name, case when app_role.rolsuper then 'nosuperuser nobypassrls' else 'nobypassrls' end
        ) as fix
    from app_role
    where app_role.rolsuper or app_role.rolbypassrls
    union all
    select reached.oid, reached.name, reached.power, step.fix
    from reached
    left join step on step.oid = reached.oid
)
select
    format('%I', found.name) as object,
    null::text as relation,
    found.name as role,
    format(
        '%I can reach every tenant''s rows past row security: %s%s.',
        found.name,
        array_to_string((array_agg(distinct found.power order by found.power))[1:10], '; '),
        case when count(distinct found.power) > 10 then '; and more' else '' end
    ) as detail,
    string_agg(distinct found.fix, ' ' order by found.fix) as fix
from found
group by found.name
order by 1
