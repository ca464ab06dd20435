-- case: two permissive policies and no floor
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy mine on public.booking for select
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and status = 'open');

-- case: a restrictive floor to everybody
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy published on public.booking for select using (status = 'published');
create policy floor on public.booking as restrictive
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));

-- case: a floor for reading only leaves writing open
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy more on public.booking for update
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy floor on public.booking as restrictive for select
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));

-- case: one policy for each command, and two for different roles
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create role case_other;
create policy reads on public.booking for select to case_app
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy adds on public.booking for insert to case_app
with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy other on public.booking to case_other
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
