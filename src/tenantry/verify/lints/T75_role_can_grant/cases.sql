-- case: an application role may grant on a table of tenants' rows
-- expect: case_app_reader
create table public.booking (id int primary key, tenant_id uuid not null);
create role case_app_reader;
grant select on public.booking to case_app_reader with grant option;

-- case: an application role may give a membership away
-- expect: case_app_reader
create role case_group;
create role case_app_reader;
grant case_group to case_app_reader with admin option;

-- case: an application role creates roles
-- expect: case_app_reader
create role case_app_reader createrole;

-- case: plain grants and memberships
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null);
create role case_group;
create role case_app_reader;
grant case_group to case_app_reader;
grant select, insert on public.booking to case_app_reader;
