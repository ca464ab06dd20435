-- case: an immutable function that reads the context
-- expect: public.tenant()
create function public.tenant() returns uuid language sql immutable set search_path = pg_catalog, pg_temp
as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking using (tenant_id = (select public.tenant()));

-- case: immutable by way of a stable one
-- expect: public.outer_tenant()
create function public.tenant() returns uuid language sql stable set search_path = pg_catalog, pg_temp
as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
create function public.outer_tenant() returns uuid language sql immutable set search_path = pg_catalog, pg_temp
as $$ select public.tenant() $$;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking using (tenant_id = (select public.outer_tenant()));

-- case: a stable function, and an immutable one that only computes
-- expect: nothing
create function public.tenant() returns uuid language sql stable set search_path = pg_catalog, pg_temp
as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
create function public.one() returns integer language sql immutable set search_path = pg_catalog, pg_temp
as $$ select 1 $$;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking using (tenant_id = (select public.tenant()) and public.one() = 1);
