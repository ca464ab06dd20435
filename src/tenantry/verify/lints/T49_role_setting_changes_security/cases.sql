-- case: an application role starts without triggers and foreign keys
-- expect: case_app_reader
create role case_app_reader login;
alter role case_app_reader set session_replication_role = 'replica';

-- case: it starts as somebody else
-- expect: case_app_reader
create role case_owner;
create role case_app_reader login;
alter role case_app_reader set role = 'case_owner';

-- case: all sessions of the database have row_security off
-- expect: row_security
do $$ begin execute format('alter database %I set row_security = off', current_database()); end $$;

-- case: the system's names come last
-- expect: case_app_reader
create role case_app_reader login;
alter role case_app_reader set search_path = public, pg_catalog;

-- case: ordinary settings
-- expect: nothing
create role case_app_reader login;
create role case_loader login;
alter role case_app_reader set search_path = pg_catalog, public, pg_temp;
alter role case_app_reader set statement_timeout = '5s';
alter role case_app_reader set row_security = on;
alter role case_loader set session_replication_role = 'replica';
