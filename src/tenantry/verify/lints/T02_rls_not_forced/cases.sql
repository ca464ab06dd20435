-- case: row security without force, owned by a role that nobody logs in as
-- expect: case_owner
create role case_owner nologin;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
alter table public.booking owner to case_owner;

-- case: forced row security
-- expect: nothing
create role case_owner nologin;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
alter table public.booking force row level security;
alter table public.booking owner to case_owner;

-- case: the owner logs in, which is another lint's business
-- expect: nothing
create role case_owner login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
alter table public.booking owner to case_owner;
