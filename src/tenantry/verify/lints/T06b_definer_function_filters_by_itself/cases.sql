-- case: a definer function that filters by the context
-- expect: definer functions
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create function public.my_bookings() returns setof public.booking language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$ select * from public.booking as b where b.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid $$;

-- case: a definer function that does not touch tenants' rows
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create function public.whoami() returns text language sql stable security definer
set search_path = pg_catalog, pg_temp as $$ select current_setting('app.tenant_id', true) $$;
