-- case: an application role has BYPASSRLS
-- expect: case_app_reader
create role case_app_reader login bypassrls;

-- case: an application role is a superuser
-- expect: "case_app Root"
create role "case_app Root" superuser;

-- case: an application role may become a role with BYPASSRLS, two steps away
-- expect: case_app_reader
create role case_backup bypassrls;
create role case_staff;
create role case_app_reader noinherit;
grant case_backup to case_staff;
grant case_staff to case_app_reader;

-- case: an application role is a member of the owner of tenants' tables, which T51 names
-- expect: nothing
create role case_owner;
create role case_app_reader;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking owner to case_owner;
grant case_owner to case_app_reader;

-- case: an application role runs programs on the server
-- expect: case_app_reader
create role case_app_reader;
grant pg_execute_server_program to case_app_reader;

-- case: plain roles, a separate owner and a separate backup role
-- expect: nothing
create role case_owner;
create role case_backup bypassrls;
create role case_group;
create role case_app_reader login;
grant case_group to case_app_reader;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking owner to case_owner;

-- case: a membership that neither inherits nor allows to become the role
-- expect: nothing
-- min_version: 160000
create role case_backup bypassrls;
create role case_app_reader;
grant case_backup to case_app_reader with inherit false, set false;

-- case: BYPASSRLS is not inherited
-- expect: nothing
-- min_version: 160000
create role case_backup bypassrls;
create role case_app_reader;
grant case_backup to case_app_reader with inherit true, set false;
