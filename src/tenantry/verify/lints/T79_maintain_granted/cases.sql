-- case: an application role is granted maintain on a table of tenants' rows
-- min_version: 170000
-- expect: case_app_reader
create table public.booking (id int primary key, tenant_id uuid not null);
create role case_app_reader;
grant maintain on public.booking to case_app_reader;

-- case: everything is granted through a group
-- min_version: 170000
-- expect: case_group
create table public.booking (id int primary key, tenant_id uuid not null);
create table public.guest (id int primary key, tenant_id uuid not null);
create role "case_app Reader";
create role case_group;
grant case_group to "case_app Reader";
grant all on public.booking, public.guest to case_group;

-- case: PUBLIC holds it on more tables than a list is good for
-- min_version: 170000
-- expect: public
do $$ begin
    for number in 1..12 loop
        execute format('create table public.booking_%s (id int primary key, tenant_id uuid not null)', number);
        execute format('grant maintain on public.booking_%s to public', number);
    end loop;
end $$;
create role case_app_one;
create role case_app_two;

-- case: only rows are granted
-- min_version: 170000
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null);
create role case_app_reader;
grant select, insert, update, delete on public.booking to case_app_reader;

-- case: the schema is closed to the role
-- min_version: 170000
-- expect: nothing
create schema closed;
create table closed.booking (id int primary key, tenant_id uuid not null);
create role case_app_reader;
grant maintain on closed.booking to case_app_reader;

-- case: a table that belongs to nobody
-- min_version: 170000
-- expect: nothing
create table public.country (code text primary key);
create role case_app_reader;
grant maintain on public.country to case_app_reader;
