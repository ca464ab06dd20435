-- case: the owner can log in
-- expect: public.booking
create role case_owner login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
alter table public.booking owner to case_owner;

-- case: a member of the owner can log in
-- expect: public.booking
create role case_owner nologin;
create role case_migrator login in role case_owner;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
alter table public.booking owner to case_owner;

-- case: nobody logs in as the owner
-- expect: nothing
create role case_owner nologin;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
alter table public.booking owner to case_owner;

-- case: forced
-- expect: nothing
create role case_owner login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
alter table public.booking force row level security;
alter table public.booking owner to case_owner;
