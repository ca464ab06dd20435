-- case: a floor to the application role
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy opens on public.booking using (true);
create policy floor on public.booking as restrictive to case_app
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));

-- case: a floor to everybody, with or without a narrower one
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy opens on public.booking using (true);
create policy floor on public.booking as restrictive
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy narrow on public.booking as restrictive to case_app
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and status <> 'secret');

-- case: a restrictive policy that is not about the tenant
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy opens on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy calm on public.booking as restrictive to case_app using (status <> 'secret');
