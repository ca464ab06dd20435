-- Roles, extensions, types and the reference data every restaurant shares.

do $$
declare
    wanted record;
begin
    for wanted in
        select role_name, can_login
        from (values
            ('restaurant_owner', false),
            ('restaurant_app', true),
            ('restaurant_background', true),
            ('restaurant_reporting', true)
        ) as roles (role_name, can_login)
    loop
        if not exists (select from pg_catalog.pg_roles where rolname = wanted.role_name) then
            execute format(
                'create role %I %s nosuperuser nobypassrls nocreatedb nocreaterole',
                wanted.role_name, case when wanted.can_login then 'login' else 'nologin' end
            );
        end if;
    end loop;
end
$$;

-- The nightly jobs rebuild indexes and attach partitions, which only the owner may do.
do $$
begin
    if not pg_has_role('restaurant_background', 'restaurant_owner', 'member') then
        grant restaurant_owner to restaurant_background;
    end if;
end
$$;

create extension if not exists btree_gist with schema public;

create type public.member_role as enum ('owner', 'manager', 'staff');
create type public.booking_status as enum (
    'pending', 'confirmed', 'seated', 'completed', 'cancelled', 'no_show'
);
create type public.hold_status as enum ('active', 'confirmed', 'released', 'expired');
create type public.ledger_kind as enum ('deposit', 'payment', 'refund', 'no_show_fee');
create type public.outbox_status as enum ('pending', 'processing', 'done', 'failed');
create type public.restaurant_plan as enum ('starter', 'growth', 'group');

create domain public.email_address as text
    constraint email_address_shape check (value ~ '^[^@[:space:]]+@[^@[:space:]]+\.[a-z]{2,}$');

create domain public.currency_code as text
    constraint currency_code_shape check (value ~ '^[A-Z]{3}$');

create table public.countries (
    code text primary key check (code ~ '^[A-Z]{2}$'),
    name text not null unique,
    dialling_code text not null
);

create table public.time_zones (
    name text primary key,
    country_code text not null references public.countries (code)
);

create table public.cuisines (
    id smallint primary key,
    slug text not null unique,
    name text not null
);

comment on table public.countries is 'Shared reference data, maintained by the platform team.';
comment on table public.time_zones is 'Shared reference data, maintained by the platform team.';
comment on table public.cuisines is 'Shared reference data, maintained by the platform team.';
