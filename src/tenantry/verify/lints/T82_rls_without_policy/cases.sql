-- case: granted, and no policy
-- expect: closed tables
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
grant select on public.booking to case_app;

-- case: no grant, or a policy
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create table public.note (id int primary key, tenant_id uuid not null);
alter table public.note enable row level security;
grant select on public.note to case_app;
create policy nobody on public.note using (false);
