-- case: a foreign table that shows no tenant is granted
-- expect: public.rate
create foreign data wrapper case_wrapper;
create server case_server foreign data wrapper case_wrapper;
create foreign table public.rate (currency text, rate numeric) server case_server;
create role case_app_reader;
grant select on public.rate to case_app_reader;

-- case: it is not granted, or has the tenants' column (which is another lint)
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null);
create foreign data wrapper case_wrapper;
create server case_server foreign data wrapper case_wrapper;
create foreign table public.old_booking (id int, tenant_id uuid) server case_server;
create foreign table public.rate (currency text, rate numeric) server case_server;
create role case_app_reader;
grant select on public.old_booking to case_app_reader;
