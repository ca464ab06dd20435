-- case: a stored login for all, and the use of its server
-- expect: back
create foreign data wrapper postgres_fdw;
create server back foreign data wrapper postgres_fdw;
create user mapping for public server back;
create role case_app_reader;
grant usage on foreign server back to case_app_reader;

-- case: dblink as it is installed
-- expect: public
create extension dblink;
create role case_app_reader;
grant usage on schema public to case_app_reader;

-- case: dblink for one role
-- expect: case_app_reader
create extension dblink;
create role case_app_reader;
grant usage on schema public to case_app_reader;
revoke execute on all functions in schema public from public;
grant execute on function public.dblink(text, text) to case_app_reader;

-- case: no use of the server, no login for the role, and dblink for nobody
-- expect: nothing
create foreign data wrapper postgres_fdw;
create server back foreign data wrapper postgres_fdw;
create server other foreign data wrapper postgres_fdw;
create role case_app_reader;
create role case_sync;
create user mapping for public server back;
create user mapping for case_sync server other;
grant usage on foreign server other to case_app_reader;
create extension dblink;
revoke execute on all functions in schema public from public;
