-- case: a granted child of a table with row security
-- expect: public.event
create role case_app login;
create table public.event (id int, tenant_id uuid not null);
create table public.click () inherits (public.event);
alter table public.event enable row level security;
grant select on public.event to case_app;
grant insert on public.click to case_app;

-- case: only the parent is granted
-- expect: nothing
create role case_app login;
create table public.event (id int, tenant_id uuid not null);
create table public.click () inherits (public.event);
alter table public.event enable row level security;
grant select on public.event to case_app;

-- case: the child has row security itself
-- expect: nothing
create role case_app login;
create table public.event (id int, tenant_id uuid not null);
create table public.click () inherits (public.event);
alter table public.event enable row level security;
grant select on public.event to case_app;
alter table public.click enable row level security;
grant insert on public.click to case_app;
