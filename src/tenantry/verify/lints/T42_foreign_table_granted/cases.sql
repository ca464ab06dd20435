-- case: a foreign table with the tenants' column is granted
-- expect: public.old_booking
create table public.booking (id int primary key, tenant_id uuid not null);
create foreign data wrapper case_wrapper;
create server case_server foreign data wrapper case_wrapper;
create foreign table public.old_booking (id int, tenant_id uuid) server case_server;
create role case_app_reader;
grant select on public.old_booking to case_app_reader;

-- case: a foreign table is a partition of tenants' rows
-- expect: public.booking_old
create table public.booking (id int, tenant_id uuid not null) partition by range (id);
create foreign data wrapper case_wrapper;
create server case_server foreign data wrapper case_wrapper;
create foreign table public.booking_old partition of public.booking for values from (1) to (9) server case_server;
create role case_app_reader;
grant select (id) on public.booking_old to case_app_reader;

-- case: no grant, or nothing of tenants in it
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null);
create foreign data wrapper case_wrapper;
create server case_server foreign data wrapper case_wrapper;
create foreign table public.old_booking (id int, tenant_id uuid) server case_server;
create foreign table public.rate (currency text, rate numeric) server case_server;
create role case_app_reader;
grant select on public.rate to case_app_reader;
