-- case: the second policy looks at the status only
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy published on public.booking for select using (status = 'tenant_id');

-- case: the second policy asks who asks, or a floor holds both
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy mine on public.booking for select using (status = current_setting('app.user', true));
create table public.invoice (id int primary key, tenant_id uuid not null, status text);
alter table public.invoice enable row level security;
create policy tenant on public.invoice
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy published on public.invoice for select using (status = 'published');
create policy floor on public.invoice as restrictive
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));

-- case: the tenant named inside a sub-select counts
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create table public.member (tenant_id uuid not null, name text);
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy members on public.booking for select
using (exists (select from public.member where member.tenant_id = booking.tenant_id and member.name = current_user));
