-- case: a jsonb index and a numeric one under row security
-- expect: indexes
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
alter table public.booking add column document jsonb, add column price numeric;
create index on public.booking using gin (document);
create index on public.booking (price);

-- case: leakproof operators, or no row security
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create index on public.booking (tenant_id, status);
create table public.note (id int primary key, tenant_id uuid not null, document jsonb);
create index on public.note using gin (document);
