-- case: a materialised view over a tenant table, granted
-- expect: public.daily
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
create view public.per_day as select tenant_id, count(*) as bookings from public.booking group by 1;
create materialized view public.daily as select * from public.per_day;
grant select on public.daily to case_app;

-- case: not granted
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
create materialized view public.daily as select tenant_id, count(*) as bookings from public.booking group by 1;

-- case: a materialised view over reference data
-- expect: nothing
create role case_app login;
create table public.country (code text primary key);
create materialized view public.codes as select code from public.country;
grant select on public.codes to case_app;
