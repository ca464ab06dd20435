-- case: everybody reads a tenants' table, or changes a shared one
-- expect: public.booking, public.country
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy anyone on public.booking for select using (true);
create table public.country (code text primary key);
alter table public.country enable row level security;
grant update on public.country to case_app;
create policy anyone on public.country for update using (true);

-- case: everybody reads a shared table, or nobody has the right
-- expect: nothing
create role case_app login;
create table public.country (code text primary key);
alter table public.country enable row level security;
grant select on public.country to case_app;
create policy anyone on public.country for select using (true);
create table public.note (id int primary key, tenant_id uuid not null);
alter table public.note enable row level security;
create policy anyone on public.note for delete using (true);

-- case: a floor holds it
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy anyone on public.booking using (true);
create policy floor on public.booking as restrictive
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
