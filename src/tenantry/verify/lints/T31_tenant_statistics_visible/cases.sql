-- case: an ordinary tenant column
-- expect: statistics
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;

-- case: no statistics for the column, or no right to read it
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
alter table public.booking alter column tenant_id set statistics 0;
create table public.note (id int primary key, tenant_id uuid not null);
alter table public.note enable row level security;
