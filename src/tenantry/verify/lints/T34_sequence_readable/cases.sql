-- case: the sequence of a serial key is granted
-- expect: case_app_reader
create table public.booking (id serial primary key, tenant_id uuid not null);
create role case_app_reader;
grant usage on sequence public.booking_id_seq to case_app_reader;

-- case: the sequence of an identity key is granted to all
-- expect: public
create table public.booking (id int generated always as identity primary key, tenant_id uuid not null);
create role case_app_reader;
grant select on sequence public.booking_id_seq to public;

-- case: an identity key without a grant on its sequence
-- expect: nothing
create table public.booking (id int generated always as identity primary key, tenant_id uuid not null);
create role case_app_reader;
grant select, insert on public.booking to case_app_reader;

-- case: a sequence of a table that belongs to nobody
-- expect: nothing
create table public.country (id serial primary key);
create role case_app_reader;
grant usage on sequence public.country_id_seq to case_app_reader;

-- case: a sequence that a plain default calls
-- expect: case_app_reader
create sequence public.numbers;
create table public.booking (id int primary key default nextval('public.numbers'), tenant_id uuid not null);
create role case_app_reader;
grant usage on sequence public.numbers to case_app_reader;

-- case: a sequence that only a table of nobody's calls
-- expect: nothing
create sequence public.numbers;
create table public.country (id int primary key default nextval('public.numbers'));
create table public.booking (id int primary key, tenant_id uuid not null);
create role case_app_reader;
grant usage on sequence public.numbers to case_app_reader;
