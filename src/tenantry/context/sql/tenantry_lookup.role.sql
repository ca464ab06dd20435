-- object: role tenantry_lookup
-- about: Owns the functions that look past row security for the tenant of the context alone: who is a member, and
--   searches. It may read the columns they name and nothing else. Nobody logs in as it, and nobody is to be a member of
--   it. Roles belong to the whole server, so another database may have made it already.
-- lock: none
-- undo: do $$ begin if not exists (select from pg_catalog.pg_shdepend as held where held.refclassid =
--   'pg_catalog.pg_authid'::pg_catalog.regclass and held.refobjid = 'tenantry_lookup'::pg_catalog.regrole and
--   held.dbid not in (0, (select here.oid from pg_catalog.pg_database as here where here.datname =
--   pg_catalog.current_database()))) then drop role tenantry_lookup; end if; end $$

do $$
begin
    if not exists (select from pg_catalog.pg_roles as role where role.rolname = 'tenantry_lookup') then
        create role tenantry_lookup nologin noinherit bypassrls;
    end if;
    -- why: without a superuser's rights objects are handed only to a role that one belongs to
    if not (select role.rolsuper from pg_catalog.pg_roles as role where role.rolname = current_user) then
        if pg_catalog.current_setting('server_version_num')::integer >= 160000 then
            execute 'grant tenantry_lookup to current_user with inherit true, set true';
        else
            grant tenantry_lookup to current_user;
        end if;
    end if;
end
$$;
