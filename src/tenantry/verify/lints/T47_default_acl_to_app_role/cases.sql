-- case: default grants to an application role
-- expect: case_owner
create role case_app login;
create role case_owner;
create schema shop;
alter default privileges for role case_owner in schema shop grant select on tables to case_app;
alter default privileges for role case_owner grant insert on tables to case_app;

-- case: default grants to a role that nobody attacks, and of other things
-- expect: nothing
create role case_app login;
create role case_owner;
create role case_backup;
alter default privileges for role case_owner grant select on tables to case_backup;
alter default privileges for role case_owner grant usage on sequences to case_app;
