-- case: an application role reads all data
-- expect: case_app_reader
create role case_app_reader;
grant pg_read_all_data to case_app_reader;

-- case: an application role may end other sessions, through a group
-- expect: case_app_reader
create role case_app_reader;
create role case_operator;
grant pg_signal_backend to case_operator;
grant case_operator to case_app_reader;

-- case: the operator is a role of its own
-- expect: nothing
create role case_app_reader;
create role case_operator login;
grant pg_signal_backend, pg_read_all_data to case_operator;
