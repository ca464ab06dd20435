-- case: an update policy and no select policy
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy changes on public.booking for update to case_app
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));

-- case: both
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy changes on public.booking for update to case_app
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy reads on public.booking for select
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));

-- case: inserts alone
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy adds on public.booking for insert
with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
