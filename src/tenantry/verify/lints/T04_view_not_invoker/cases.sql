-- case: a view of an exempt owner, granted to the application
-- expect: public.open_booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create view public.open_booking as select * from public.booking;
grant select on public.open_booking to case_app;

-- case: a view granted to everybody by way of an invoker view
-- expect: public.outer_booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create view public.inner_booking as select * from public.booking;
create view public.outer_booking with (security_invoker = on) as select * from public.inner_booking;
grant select on public.outer_booking to public;

-- case: an invoker view
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create view public.open_booking with (security_invoker = true) as select * from public.booking;
grant select on public.open_booking to case_app;

-- case: a view whose owner is bound by forced policies
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create role case_owner nologin;
alter table public.booking force row level security;
alter table public.booking owner to case_owner;
create view public.open_booking as select * from public.booking;
alter view public.open_booking owner to case_owner;
grant select on public.open_booking to case_app;

-- case: a view nobody of the application may read
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create view public.open_booking as select * from public.booking;

-- case: a view that asks for the tenant itself
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create view public.open_booking as select * from public.booking
where tenant_id = current_setting('app.tenant_id')::uuid;
grant select on public.open_booking to case_app;
