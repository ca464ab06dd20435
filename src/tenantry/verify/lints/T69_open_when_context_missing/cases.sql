-- case: no context, or the tenant
-- expect: public.booking, public.invoice, public.note
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy tenant on public.booking
using (
    nullif(current_setting('app.tenant_id', true), '') is null
    or tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)
);
create function public.tenant() returns uuid language sql stable set search_path = pg_catalog, pg_temp
as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
create table public.invoice (id int primary key, tenant_id uuid not null);
create policy tenant on public.invoice using (tenant_id = (select public.tenant()) or (select public.tenant()) is null);
create table public.note (id int primary key, tenant_id uuid not null);
create policy tenant on public.note
using (
    current_setting('app.tenant_id', true) = ''
    or tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)
);

-- case: coalesce that falls back to the row's own tenant
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy tenant on public.booking
using (tenant_id = coalesce((select nullif(current_setting('app.tenant_id', true), '')::uuid), tenant_id));

-- case: closed without a context
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create function public.tenant() returns uuid language sql stable set search_path = pg_catalog, pg_temp
as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
create policy tenant on public.booking
using (
    tenant_id = coalesce(
        (select nullif(current_setting('app.tenant_id', true), '')::uuid), '00000000-0000-0000-0000-000000000000'
    )
);
create policy strict on public.booking for select
using (
    (select public.tenant()) is not null
    and (status is null or tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
);

-- case: a floor holds it
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy tenant on public.booking
using (tenant_id = coalesce((select nullif(current_setting('app.tenant_id', true), '')::uuid), tenant_id));
create policy floor on public.booking as restrictive
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
