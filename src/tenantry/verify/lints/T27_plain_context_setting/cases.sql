-- case: read in a policy, and another one through functions
-- expect: app.tenant_id, app.actor_id
create table public.booking (id int primary key, tenant_id uuid not null);
create policy tenant on public.booking
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create function public.setting() returns text language sql stable set search_path = pg_catalog, pg_temp
as $$ select current_setting('app.actor_id', true) $$;
create function public.me() returns uuid language sql stable set search_path = pg_catalog, pg_temp
as $$ select public.setting()::uuid $$;
create table public.note (id int primary key, author uuid);
create policy mine on public.note using (author = (select public.me()));

-- case: a built-in setting that only its owner may write
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null);
create policy tenant on public.booking
using (tenant_id = (select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32})')::uuid));

-- case: the settings of PostgREST, whose clients cannot send SQL
-- expect: nothing
create function public.me() returns uuid language sql stable set search_path = pg_catalog, pg_temp
as $$ select nullif(current_setting('request.jwt.claim.sub', true), '')::uuid $$;
create table public.booking (id int primary key, tenant_id uuid not null, guest uuid);
create policy mine on public.booking using (guest = (select public.me()));
create policy tenant on public.booking
using (tenant_id = (select (current_setting('request.jwt.claims', true)::jsonb ->> 'tenant_id')::uuid));

-- case: a signed value that is verified where it is read
-- expect: nothing
create function public.tenant() returns uuid language sql stable set search_path = pg_catalog, pg_temp as $$
    select case when encode(sha256(convert_to('key' || split_part(t, '.', 1), 'UTF8')), 'hex') = split_part(t, '.', 2)
        then split_part(t, '.', 1)::uuid end
    from current_setting('app.token', true) as t
$$;
create table public.booking (id int primary key, tenant_id uuid not null);
create policy tenant on public.booking using (tenant_id = (select public.tenant()));
