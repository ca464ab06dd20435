-- case: the context read bare, and a function called bare
-- expect: current_setting(), public.tenant()
create table public.booking (id int primary key, tenant_id uuid not null);
create policy tenant on public.booking using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create function public.tenant() returns uuid language sql stable set search_path = pg_catalog, pg_temp
as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
create table public.invoice (id int primary key, tenant_id uuid not null);
create policy tenant on public.invoice for insert with check (tenant_id = public.tenant());
create table public.note (id int primary key, tenant_id uuid not null, author uuid);
create policy tenant on public.note
using (tenant_id = (select public.tenant()) and (author is null or author = public.tenant()));

-- case: wrapped in a sub-select, also with nullif and casts around it
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null);
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create function public.tenant() returns uuid language sql stable set search_path = pg_catalog, pg_temp
as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
create table public.invoice (id int primary key, tenant_id uuid not null);
create policy tenant on public.invoice using (tenant_id = (select public.tenant()) or (select public.tenant()) is null);
create table public.note (id int primary key, tenant_id uuid not null);
create policy tenant on public.note
using (
    tenant_id in (
        select i.tenant_id from public.invoice as i where i.tenant_id = coalesce(public.tenant(), i.tenant_id)
    )
);

-- case: functions of the row cannot be wrapped, and immutable ones need not be
-- expect: nothing
create function public.owns(tenant uuid) returns boolean language sql stable as $$ select true $$;
create function public.one() returns integer language sql immutable set search_path = pg_catalog, pg_temp
as $$ select 1 $$;
create table public.booking (id int primary key, tenant_id uuid not null);
create policy tenant on public.booking using (public.owns(tenant_id) and public.one() = 1);
