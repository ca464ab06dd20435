-- object: parameter backtrace_functions
-- about: Lets the opener's owner, and nobody else, write the carrier. The grant belongs to the whole server: it is
--   taken back only where no other database has a context of tenantry's.
-- lock: none
-- undo: do $$ begin if not exists (select from pg_catalog.pg_shdepend as held where held.refclassid =
--   'pg_catalog.pg_authid'::pg_catalog.regclass and held.refobjid = 'tenantry_context'::pg_catalog.regrole and
--   held.dbid not in (0, (select here.oid from pg_catalog.pg_database as here where here.datname =
--   pg_catalog.current_database()))) then revoke set on parameter backtrace_functions from tenantry_context; end if;
--   end $$

grant set on parameter backtrace_functions to tenantry_context;
