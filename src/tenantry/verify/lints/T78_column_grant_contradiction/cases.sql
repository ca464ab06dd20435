-- case: columns and the whole table are granted to the same role
-- expect: public.guest
create table public.guest (id int primary key, tenant_id uuid not null, passport text);
create role case_app_reader;
grant select on public.guest to case_app_reader;
grant select (id, tenant_id) on public.guest to case_app_reader;

-- case: columns to the role, the whole table to its group
-- expect: public.guest
create table public.guest (id int primary key, tenant_id uuid not null, passport text);
create role case_group;
create role case_app_reader;
grant case_group to case_app_reader;
grant update (passport) on public.guest to case_app_reader;
grant update on public.guest to case_group;

-- case: columns for one thing, the table for another
-- expect: nothing
create table public.guest (id int primary key, tenant_id uuid not null, passport text);
create role case_app_reader;
grant select on public.guest to case_app_reader;
grant update (passport) on public.guest to case_app_reader;
