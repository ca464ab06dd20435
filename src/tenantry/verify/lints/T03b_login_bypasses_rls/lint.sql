-- title: A login role outside the application is not held by row security
-- level: note
-- kind: weakness
-- why: A password of such a role opens every tenant's rows; it should belong to a person or a job that needs it.
-- fix: Take the attribute away where it is not needed; let the role log in only from where it works.
select
    format('%I', role.rolname) as object,
    null::text as relation,
    role.rolname::text as role,
    format(
        '%I may log in and %s, so whoever holds its password reads every tenant''s rows.',
        role.rolname,
        case
            when role.rolsuper then 'is a superuser'
            when role.rolbypassrls then 'has BYPASSRLS'
            else 'has REPLICATION, which streams every table'
        end
    ) as detail,
    format(
        'alter role %I %s;',
        role.rolname,
        case
            when role.rolsuper then 'nosuperuser'
            when role.rolbypassrls then 'nobypassrls'
            else 'noreplication'
        end
    ) as fix
from pg_roles as role
where role.rolcanlogin
    and (role.rolsuper or role.rolbypassrls or role.rolreplication)
    -- why: 10 is the role every cluster is born with
    and role.oid <> 10
    and role.oid <> all(%(app_roles)s::oid[])
order by 1
