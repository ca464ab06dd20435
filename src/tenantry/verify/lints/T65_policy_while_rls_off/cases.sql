-- case: policies without row security
-- expect: public.booking
create table public.booking (id int primary key, tenant_id uuid not null);
create policy tenant on public.booking using (false);

-- case: row security is on
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking using (false);
