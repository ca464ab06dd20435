-- case: an application role is granted references on a table of tenants' rows
-- expect: case_app_reader
create table public.booking (id int primary key, tenant_id uuid not null);
create role case_app_reader;
grant references on public.booking to case_app_reader;

-- case: everything is granted through a group
-- expect: case_group
create table public.booking (id int primary key, tenant_id uuid not null);
create table public.guest (id int primary key, tenant_id uuid not null);
create role "case_app Reader";
create role case_group;
grant case_group to "case_app Reader";
grant all on public.booking, public.guest to case_group;

-- case: PUBLIC holds it on more tables than a list is good for
-- expect: public
do $$ begin
    for number in 1..12 loop
        execute format('create table public.booking_%s (id int primary key, tenant_id uuid not null)', number);
        execute format('grant references on public.booking_%s to public', number);
    end loop;
end $$;
create role case_app_one;
create role case_app_two;

-- case: only rows are granted
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null);
create role case_app_reader;
grant select, insert, update, delete on public.booking to case_app_reader;

-- case: the schema is closed to the role
-- expect: nothing
create schema closed;
create table closed.booking (id int primary key, tenant_id uuid not null);
create role case_app_reader;
grant references on closed.booking to case_app_reader;

-- case: a table that belongs to nobody
-- expect: nothing
create table public.country (code text primary key);
create role case_app_reader;
grant references on public.country to case_app_reader;

-- case: it is granted on one column
-- expect: case_app_reader
create table public.booking (id int primary key, tenant_id uuid not null);
create role case_app_reader;
grant references (id) on public.booking to case_app_reader;
