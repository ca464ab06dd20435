-- Roles, extensions, types and the reference data every restaurant shares.
-- Roles belong to the whole server: restaurant_app and restaurant_reporting serve both states, the owner of the
-- tables and the worker are this state's own.

do $$
declare
    wanted record;
begin
    for wanted in
        select role_name, can_login
        from (values
            ('restaurant_tables_owner', false),
            ('restaurant_context_owner', false),
            ('restaurant_app', true),
            ('restaurant_worker', true),
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

revoke all on schema public from public;
grant usage on schema public
    to restaurant_tables_owner, restaurant_context_owner, restaurant_app, restaurant_worker, restaurant_reporting;
alter default privileges revoke execute on functions from public;

create schema extensions;
grant usage on schema extensions to restaurant_tables_owner, restaurant_app, restaurant_worker;
create extension if not exists btree_gist with schema extensions;

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

comment on table public.countries is 'Shared reference data, read only for every application role.';
comment on table public.time_zones is 'Shared reference data, read only for every application role.';
comment on table public.cuisines is 'Shared reference data, read only for every application role.';
