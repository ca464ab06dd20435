-- case: an e-mail address that is unique across tenants, by column or by expression
-- expect: public.customer, public.guest
create table public.customer (id int primary key, tenant_id uuid not null, email text unique);
create table public.guest (id uuid primary key, tenant_id uuid not null, email text);
create unique index on public.guest (lower(email));

-- case: keys with the tenant, surrogate keys and random keys
-- expect: nothing
create table public.customer (id bigint primary key, tenant_id uuid not null, email text, unique (tenant_id, email));
create table public.guest (
    id uuid primary key, tenant_id uuid not null, invitation_token text unique,
    guest_of bigint references public.customer,
    place int, unique (guest_of, place)
);
