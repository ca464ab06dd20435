-- title: Every login role is above row security
-- level: warning
-- kind: weakness
-- why: If only superusers and BYPASSRLS roles can connect, the application connects as one, and no policy ever holds
--   it.
-- fix: Create a login role without SUPERUSER and BYPASSRLS, own nothing with it, and let the application use it.
select
    'login roles' as object,
    null::text as relation,
    null::text as role,
    format(
        'Every role that can log in to database %I is a superuser or has BYPASSRLS (%s), so no policy holds whoever '
        'connects.',
        current_database(),
        array_to_string((array_agg(role.rolname::text order by role.rolname))[1:10], ', ')
    ) as detail,
    'create role application login nosuperuser nobypassrls;' as fix
from pg_roles as role
where role.rolcanlogin and has_database_privilege(role.oid, current_database(), 'CONNECT')
having bool_and(role.rolsuper or role.rolbypassrls)
