-- case: cast in the policy
-- expect: app.tenant_id
create table public.booking (id int primary key, tenant_id uuid not null);
create policy tenant on public.booking using (tenant_id = (select current_setting('app.tenant_id', true)::uuid));

-- case: cast in a function
-- expect: app.tenant_id
create function public.tenant() returns uuid language sql stable set search_path = pg_catalog, pg_temp
as $$ select cast(current_setting('app.tenant_id', true) as uuid) $$;
create table public.booking (id int primary key, tenant_id uuid not null);
create policy tenant on public.booking using (tenant_id = (select public.tenant()));

-- case: nullif first, or no cast
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null, author text);
create policy tenant on public.booking
using (
    tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)
    and author = current_setting('app.author', true)
);
create function public.tenant() returns uuid language sql stable set search_path = pg_catalog, pg_temp
as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
create table public.note (id int primary key, tenant_id uuid not null);
create policy tenant on public.note using (tenant_id = (select public.tenant()));
