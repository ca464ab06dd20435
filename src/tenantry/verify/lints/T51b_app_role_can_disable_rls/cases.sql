-- case: forced, owned by the application role
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
alter table public.booking force row level security;
alter table public.booking owner to case_app;

-- case: owned by somebody else
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
alter table public.booking force row level security;
