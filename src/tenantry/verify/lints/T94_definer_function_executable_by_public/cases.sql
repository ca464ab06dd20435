-- case: a function as it is created
-- expect: public.one()
create role case_app_reader;
grant usage on schema public to case_app_reader;
create function public.one() returns int language sql security definer set search_path = '' as $$ select 1 $$;

-- case: for one role, a trigger's, with the caller's rights, or in a closed schema
-- expect: nothing
create role case_app_reader;
grant usage on schema public to case_app_reader;
create function public.one() returns int language sql security definer set search_path = '' as $$ select 1 $$;
revoke execute on function public.one() from public;
grant execute on function public.one() to case_app_reader;
create function public.two() returns trigger language plpgsql security definer as $$ begin return new; end $$;
create function public.three() returns int language sql as $$ select 3 $$;
create schema case_closed;
create function case_closed.four() returns int language sql security definer set search_path = '' as $$ select 4 $$;

-- case: what every floor asks, and the same name without the question
-- expect: public.admitted(needs_actor boolean)
create schema tenantry;
do $$ begin
    -- why: roles belong to the whole server, and another database may have made it
    if not exists (select from pg_roles where rolname = 'tenantry_lookup') then create role tenantry_lookup; end if;
end $$;
create role case_app_reader;
grant usage on schema tenantry to public;
create function tenantry.admitted(needs_actor boolean) returns text language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$ begin return tenantry.carried(tenantry.carrier(), 1); end $$;
alter function tenantry.admitted(boolean) owner to tenantry_lookup;
create function public.admitted(needs_actor boolean) returns text language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$ begin return tenantry.carried(tenantry.carrier(), 1); end $$;
alter function public.admitted(boolean) owner to tenantry_lookup;

-- case: what every floor asks, with another body
-- expect: tenantry.admitted(needs_actor boolean)
create schema tenantry;
do $$ begin
    -- why: roles belong to the whole server, and another database may have made it
    if not exists (select from pg_roles where rolname = 'tenantry_lookup') then create role tenantry_lookup; end if;
end $$;
create role case_app_reader;
grant usage on schema tenantry to public;
create function tenantry.admitted(needs_actor boolean) returns text language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$ begin return 'anybody''s'; end $$;
alter function tenantry.admitted(boolean) owner to tenantry_lookup;
