-- case: the application's role has REPLICATION
-- expect: case_app_reader
create role case_app_reader login replication;

-- case: the application's role may become one that has
-- expect: case_app_reader
create role case_stream replication;
create role case_app_reader login;
grant case_stream to case_app_reader;

-- case: replication has its own role
-- expect: nothing
create role case_stream login replication;
create role case_app_reader login;
