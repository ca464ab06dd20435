-- about: a small application for many tenants, as it should be; every planting is one change to it
-- The names auth.jwt, anon, authenticated and service_role are Supabase's, because its tools look for nothing else.
-- The application logs in as authenticated and states for whom it speaks in request.jwt.claims.

create role anon nologin;
create role authenticated login;
create role service_role nologin bypassrls;
create role app_owner nologin;

do $$
begin
    execute format('revoke temporary on database %I from public', current_database());
end
$$;
revoke create on schema public from public;
alter default privileges for role app_owner revoke execute on functions from public;
grant create, usage on schema public to app_owner;

create schema auth authorization app_owner;
grant usage on schema auth to authenticated, anon, service_role;
grant usage on schema public to authenticated, anon, service_role;

set role app_owner;

create table auth.users (
    id uuid primary key,
    email text not null unique
);

create function auth.jwt() returns jsonb
    language sql stable
    set search_path = ''
    as $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;

create function auth.uid() returns uuid
    language sql stable
    set search_path = ''
    as $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;

grant execute on function auth.jwt(), auth.uid() to authenticated, anon, service_role;

create table public.tenants (
    id uuid primary key default gen_random_uuid(),
    name text not null
);

create table public.memberships (
    tenant_id uuid not null references public.tenants (id),
    user_id uuid not null references auth.users (id),
    role text not null default 'member' check (role in ('owner', 'member')),
    primary key (tenant_id, user_id)
);
create index on public.memberships (user_id);

create table public.countries (
    code text primary key,
    name text not null
);

create table public.customers (
    tenant_id uuid not null references public.tenants (id),
    id uuid not null default gen_random_uuid(),
    name text not null,
    email text not null,
    country text references public.countries (code),
    primary key (tenant_id, id),
    unique (tenant_id, email)
);
create index on public.customers (country);

create table public.bookings (
    tenant_id uuid not null references public.tenants (id),
    id uuid not null default gen_random_uuid(),
    customer_id uuid not null,
    starts_at timestamptz not null default now(),
    note text,
    primary key (tenant_id, id),
    constraint bookings_customer_fkey foreign key (tenant_id, customer_id)
        references public.customers (tenant_id, id) on delete cascade
);
create index on public.bookings (tenant_id, customer_id);

create table public.invoices (
    tenant_id uuid not null references public.tenants (id),
    id uuid not null default gen_random_uuid(),
    booking_id uuid not null,
    total_cents integer not null check (total_cents >= 0),
    memo text not null default '',
    primary key (tenant_id, id),
    constraint invoices_booking_fkey foreign key (tenant_id, booking_id)
        references public.bookings (tenant_id, id) on delete cascade
);
create index on public.invoices (tenant_id, booking_id);

create table public.messages (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id),
    body text not null,
    sent_at timestamptz not null default now()
);
create index on public.messages (tenant_id, sent_at);

create table public.documents (
    tenant_id uuid not null references public.tenants (id),
    id uuid not null default gen_random_uuid(),
    title text not null,
    primary key (tenant_id, id)
);

create table public.events (
    tenant_id uuid not null references public.tenants (id),
    id uuid not null default gen_random_uuid(),
    happened_on date not null,
    what text not null,
    primary key (tenant_id, id, happened_on)
) partition by range (happened_on);
create table public.events_2026 partition of public.events for values from ('2026-01-01') to ('2027-01-01');

-- who sees what: the token's tenant, and for documents the caller's memberships

alter table public.tenants enable row level security, force row level security;
create policy own_tenant on public.tenants for select to authenticated
    using (id = ((select auth.jwt()) ->> 'tenant_id')::uuid);
grant select on public.tenants to authenticated;

alter table auth.users enable row level security, force row level security;
create policy own_user on auth.users for select to authenticated using (id = (select auth.uid()));

alter table public.memberships enable row level security, force row level security;
create policy own_membership on public.memberships for select to authenticated
    using (user_id = (select auth.uid()));
grant select on public.memberships to authenticated;

alter table public.countries enable row level security, force row level security;
create policy anyone_reads on public.countries for select to authenticated using (true);
grant select on public.countries to authenticated;

do $$
declare
    name text;
begin
    foreach name in array array['customers', 'bookings', 'invoices', 'messages', 'events', 'events_2026'] loop
        execute format('alter table public.%I enable row level security, force row level security', name);
        execute format($policy$
            create policy own_tenant on public.%I for all to authenticated
                using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
                with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
            $policy$, name);
    end loop;
end
$$;
grant select, insert, update, delete on
    public.customers, public.bookings, public.invoices, public.messages, public.events
    to authenticated;

alter table public.documents enable row level security, force row level security;
create policy by_membership on public.documents for all to authenticated
    using (tenant_id in (select tenant_id from public.memberships where user_id = (select auth.uid())))
    with check (tenant_id in (select tenant_id from public.memberships where user_id = (select auth.uid())));
grant select, insert, update, delete on public.documents to authenticated;

create view public.upcoming_bookings with (security_invoker = true, security_barrier = true) as
    select tenant_id, id, customer_id, starts_at from public.bookings where starts_at > now();
grant select on public.upcoming_bookings to authenticated;

reset role;

-- rows of two tenants, A and B, with one person each

insert into auth.users (id, email) values
    ('a0000000-0000-4000-8000-000000000001', 'ann@a.example'),
    ('b0000000-0000-4000-8000-000000000001', 'bob@b.example');
insert into public.tenants (id, name) values
    ('aaaaaaaa-0000-4000-8000-000000000000', 'A'),
    ('bbbbbbbb-0000-4000-8000-000000000000', 'B');
insert into public.memberships (tenant_id, user_id, role) values
    ('aaaaaaaa-0000-4000-8000-000000000000', 'a0000000-0000-4000-8000-000000000001', 'owner'),
    ('bbbbbbbb-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-000000000001', 'owner');
insert into public.countries (code, name) values ('ch', 'Switzerland'), ('jp', 'Japan');
insert into public.customers (tenant_id, id, name, email, country) values
    ('aaaaaaaa-0000-4000-8000-000000000000', 'a0000000-0000-4000-8000-00000000000c', 'Carla', 'carla@x.example', 'ch'),
    ('bbbbbbbb-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-00000000000c', 'Dmitri', 'dmitri@x.example', 'jp');
insert into public.bookings (tenant_id, id, customer_id, note) values
    ('aaaaaaaa-0000-4000-8000-000000000000', 'a0000000-0000-4000-8000-0000000000b0',
        'a0000000-0000-4000-8000-00000000000c', 'window seat'),
    ('bbbbbbbb-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-0000000000b0',
        'b0000000-0000-4000-8000-00000000000c', 'surprise party');
insert into public.invoices (tenant_id, id, booking_id, total_cents, memo) values
    ('aaaaaaaa-0000-4000-8000-000000000000', 'a0000000-0000-4000-8000-0000000000f0',
        'a0000000-0000-4000-8000-0000000000b0', 1200, 'paid'),
    ('bbbbbbbb-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-0000000000f0',
        'b0000000-0000-4000-8000-0000000000b0', 990000, 'SECRET');
insert into public.messages (id, tenant_id, body) values
    ('a0000000-0000-4000-8000-0000000000e0', 'aaaaaaaa-0000-4000-8000-000000000000', 'hello from A'),
    ('b0000000-0000-4000-8000-0000000000e0', 'bbbbbbbb-0000-4000-8000-000000000000', 'SECRET of B');
insert into public.documents (tenant_id, title) values
    ('aaaaaaaa-0000-4000-8000-000000000000', 'plan of A'),
    ('bbbbbbbb-0000-4000-8000-000000000000', 'SECRET plan of B');
insert into public.events (tenant_id, happened_on, what) values
    ('aaaaaaaa-0000-4000-8000-000000000000', '2026-05-01', 'opened'),
    ('bbbbbbbb-0000-4000-8000-000000000000', '2026-05-02', 'SECRET');
