-- case: with check (true) beside a tenant condition
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)) with check (true);

-- case: an insert policy that forgets the tenant which the others name
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy reads on public.booking for select
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy adds on public.booking for insert with check (status = current_setting('app.user', true));

-- case: a check with the column but without the context
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy changes on public.booking for update
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
with check (tenant_id is not null);

-- case: no check at all means the same as using
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy adds on public.booking for insert
with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and status = 'new');

-- case: a floor to everybody holds the check
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy adds on public.booking for insert with check (true);
create policy floor on public.booking as restrictive
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));

-- case: nobody may write the tenant column
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, update (status) on public.booking to case_app;
create policy changes on public.booking for update
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)) with check (status = 'open');
