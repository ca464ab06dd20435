-- object: role tenantry_owner
-- about: Owns the schema and what anybody may use in it, mints tokens for tests and psql, and turns keys over.
--   Nobody logs in as it. Roles belong to the whole server, so another database may have made it already.
-- lock: none
-- undo: do $$ begin if not exists (select from pg_catalog.pg_shdepend as held where held.refclassid =
--   'pg_catalog.pg_authid'::pg_catalog.regclass and held.refobjid = 'tenantry_owner'::pg_catalog.regrole and
--   held.dbid not in (0, (select here.oid from pg_catalog.pg_database as here where here.datname =
--   pg_catalog.current_database()))) then drop role tenantry_owner; end if; end $$

do $$
begin
    if not exists (select from pg_catalog.pg_roles as role where role.rolname = 'tenantry_owner') then
        create role tenantry_owner nologin noinherit;
    end if;
    -- why: without a superuser's rights objects are handed only to a role that one belongs to
    if not (select role.rolsuper from pg_catalog.pg_roles as role where role.rolname = current_user) then
        if pg_catalog.current_setting('server_version_num')::integer >= 160000 then
            execute 'grant tenantry_owner to current_user with inherit true, set true';
        else
            grant tenantry_owner to current_user;
        end if;
    end if;
end
$$;
