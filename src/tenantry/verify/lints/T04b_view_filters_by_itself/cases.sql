-- case: a definer view with its own tenant condition
-- expect: public.open_booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create view public.open_booking as select * from public.booking
where tenant_id = current_setting('app.tenant_id')::uuid;
grant select on public.open_booking to case_app;

-- case: the condition sits in a function
-- expect: public.open_booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create function public.tenant() returns uuid language sql stable as $$ select current_setting('app.tenant_id')::uuid $$;
create view public.open_booking as select * from public.booking where tenant_id = public.tenant();
grant select on public.open_booking to case_app;

-- case: an invoker view
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create view public.open_booking with (security_invoker = true) as
select * from public.booking where tenant_id = current_setting('app.tenant_id')::uuid;
grant select on public.open_booking to case_app;
