-- case: a policy function without a search path, called by a pinned one
-- expect: public.tenant_text()
create function public.tenant_text() returns text language sql stable
as $$ select current_setting('app.tenant_id', true) $$;
create function public.tenant() returns uuid language sql stable set search_path = pg_catalog, pg_temp
as $$ select nullif(public.tenant_text(), '')::uuid $$;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking using (tenant_id = (select public.tenant()));

-- case: pinned, atomic, or not used by a policy
-- expect: nothing
create function public.tenant() returns uuid language sql stable set search_path = pg_catalog, pg_temp
as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
create function public.is_open() returns boolean language sql stable
begin atomic select current_setting('app.open', true) = 'yes'; end;
create function public.unrelated() returns text language sql stable
as $$ select current_setting('app.tenant_id', true) $$;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy tenant on public.booking using (tenant_id = (select public.tenant()) and (select public.is_open()));
