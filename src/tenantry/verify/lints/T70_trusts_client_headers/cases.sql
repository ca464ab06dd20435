-- case: the tenant stands in a header
-- expect: public.booking
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy own on public.booking
using (tenant_id = (select current_setting('request.headers', true)::json ->> 'x-tenant-id')::uuid);

-- case: in a cookie that a function reads, and in a header with a setting of its own
-- expect: public.booking, public.guest
create function public.tenant() returns uuid language sql stable
as $$ select (nullif(current_setting('request.cookies', true), '')::json ->> 'tenant')::uuid $$;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy own on public.booking using (tenant_id = (select public.tenant()));
create table public.guest (id int primary key, tenant_id uuid not null);
alter table public.guest enable row level security;
create policy own on public.guest for select
using (tenant_id = current_setting('request.header.x-tenant', true)::uuid);

-- case: a header comes before the token
-- expect: public.booking
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy own on public.booking using (
    tenant_id = (
        select coalesce(
            current_setting('request.headers', true)::json ->> 'x-tenant-id',
            current_setting('request.jwt.claims', true)::json ->> 'tenant_id'
        )
    )::uuid
);

-- case: a header chooses among the tenants that the token's user belongs to
-- expect: nothing
create table public.membership (tenant_id uuid not null, person uuid not null);
create function public.chosen() returns uuid language sql stable as $$
    select membership.tenant_id from public.membership
    where membership.tenant_id = (current_setting('request.headers', true)::json ->> 'x-tenant-id')::uuid
        and membership.person = (current_setting('request.jwt.claims', true)::json ->> 'sub')::uuid
$$;
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy own on public.booking using (tenant_id = (select public.chosen()));
create table public.guest (id int primary key, tenant_id uuid not null);
alter table public.guest enable row level security;
create policy own on public.guest using (
    tenant_id = (select current_setting('request.headers', true)::json ->> 'x-tenant-id')::uuid
    and exists (
        select from public.membership
        where membership.tenant_id = guest.tenant_id
            and membership.person = (current_setting('request.jwt.claims', true)::json ->> 'sub')::uuid
    )
);

-- case: the verified token, a header that bears a secret, row security off, or a policy that only takes away
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy own on public.booking
using (tenant_id = (select current_setting('request.jwt.claims', true)::json ->> 'tenant_id')::uuid);
create table public.api_client (hash text primary key, tenant_id uuid not null);
create table public.guest (id int primary key, tenant_id uuid not null);
alter table public.guest enable row level security;
create policy by_key on public.guest using (
    tenant_id = (
        select api_client.tenant_id from public.api_client
        where api_client.hash = md5(current_setting('request.headers', true)::json ->> 'x-api-key')
    )
);
create table public.note (id int primary key, tenant_id uuid not null);
create policy own on public.note
using (tenant_id = (select current_setting('request.headers', true)::json ->> 'x-tenant-id')::uuid);
create table public.visit (id int primary key, tenant_id uuid not null);
alter table public.visit enable row level security;
create policy fence on public.visit as restrictive
using (tenant_id = (select current_setting('request.headers', true)::json ->> 'x-tenant-id')::uuid);

-- case: a table that belongs to nobody, or a policy for a role that is not the application's
-- expect: nothing
create role case_job;
create table public.country (code text primary key);
alter table public.country enable row level security;
create policy by_language on public.country
using (code = current_setting('request.headers', true)::json ->> 'accept-language');
create table public.booking (id int primary key, tenant_id uuid not null);
alter table public.booking enable row level security;
create policy own on public.booking to case_job
using (tenant_id = (select current_setting('request.headers', true)::json ->> 'x-tenant-id')::uuid);
