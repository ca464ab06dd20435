-- case: a table with a tenant column and no row security
-- expect: public.booking
create table public.booking (id int primary key, tenant_id uuid not null);

-- case: the same table with row security on
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;

-- case: a table that belongs to nobody
-- expect: nothing
create table public.country (code text primary key);
