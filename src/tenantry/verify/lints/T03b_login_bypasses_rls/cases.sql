-- case: a login role for backups
-- expect: case_backup
create role case_backup login bypassrls;

-- case: a login role for a standby
-- expect: case_standby
create role case_standby login replication;

-- case: such roles may not log in, or are the application's own (which is another lint)
-- expect: nothing
create role case_backup bypassrls;
create role case_app_reader login bypassrls;
create role case_plain login;
