-- case: an application role belongs to pg_monitor
-- expect: case_app_reader
create role case_app_reader;
grant pg_monitor to case_app_reader;

-- case: through a group, without inheriting
-- expect: case_app_reader
create role case_app_reader noinherit;
create role case_watch;
grant pg_read_all_stats to case_watch;
grant case_watch to case_app_reader;

-- case: monitoring has its own role
-- expect: nothing
create role case_app_reader;
create role case_watch login;
grant pg_monitor to case_watch;
