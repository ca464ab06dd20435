-- case: owned by the application role, not forced
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
alter table public.booking owner to case_app;

-- case: owned by a role the application is a member of
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create role case_owner role case_app;
alter table public.booking owner to case_owner;

-- case: owned by somebody else, or forced
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create table public.note (id int primary key, tenant_id uuid not null);
alter table public.note enable row level security;
alter table public.note force row level security;
alter table public.note owner to case_app;
