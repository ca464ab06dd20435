-- case: a definer function that believes its argument
-- expect: public.bookings_of(tenant uuid)
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create function public.bookings_of(tenant uuid) returns setof public.booking language sql stable security definer
set search_path = pg_catalog, pg_temp as $$ select * from public.booking as b where b.tenant_id = tenant $$;

-- case: the same with the caller's rights
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create function public.bookings_of(tenant uuid) returns setof public.booking language sql stable
set search_path = pg_catalog, pg_temp as $$ select * from public.booking as b where b.tenant_id = tenant $$;

-- case: revoked from everybody
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create function public.bookings_of(tenant uuid) returns setof public.booking language sql stable security definer
set search_path = pg_catalog, pg_temp as $$ select * from public.booking as b where b.tenant_id = tenant $$;
revoke execute on function public.bookings_of(uuid) from public;

-- case: it asks for the context by way of another function
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create function public.tenant() returns uuid language sql stable set search_path = pg_catalog, pg_temp
as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
create function public.my_bookings() returns setof public.booking language sql stable security definer
set search_path = pg_catalog, pg_temp as $$ select * from public.booking as b where b.tenant_id = public.tenant() $$;

-- case: the owner is bound by forced policies, or the function is a trigger
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create role case_owner nologin;
alter table public.booking force row level security;
alter table public.booking owner to case_owner;
create function public.bookings_of(tenant uuid) returns setof public.booking language sql stable security definer
set search_path = pg_catalog, pg_temp as $$ select * from public.booking as b where b.tenant_id = tenant $$;
alter function public.bookings_of(uuid) owner to case_owner;
create function public.stamp() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$ begin update public.booking set id = id; return new; end $$;
