-- about: The server, the database and the role that asks.
select
    current_setting('server_version') as version,
    current_setting('server_version_num')::int as version_num,
    current_database()::text as database,
    current_user::text as user,
    role.oid::bigint as user_oid,
    role.rolsuper as is_superuser,
    role.rolbypassrls as can_bypass_rls,
    (select database.datdba::bigint from pg_database as database where database.datname = current_database()) as owner,
    pg_is_in_recovery() as in_recovery,
    (
        select count(*)::int
        from pg_stat_activity as activity
        where activity.datname = current_database()
            and activity.backend_type = 'client backend'
            and activity.pid <> pg_backend_pid()
    ) as other_sessions,
    (select setting.reset_val from pg_settings as setting where setting.name = 'search_path') as search_path
from pg_roles as role
where role.rolname = current_user
