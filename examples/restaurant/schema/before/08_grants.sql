-- Owner and privileges.

do $$
declare
    relation record;
begin
    for relation in
        select class.oid::regclass as name
        from pg_catalog.pg_class as class
        where class.relnamespace = 'public'::regnamespace and class.relkind in ('r', 'p')
    loop
        execute format('alter table %s owner to restaurant_owner', relation.name);
    end loop;
end
$$;

grant usage on schema public to restaurant_owner, restaurant_app, restaurant_background, restaurant_reporting;
-- The guest import builds its staging tables next to the real ones.
grant create on schema public to restaurant_app;

grant select, insert, update, delete on all tables in schema public to restaurant_app, restaurant_background;
grant select on all tables in schema public to restaurant_reporting;
grant usage on all sequences in schema public to restaurant_app, restaurant_background;
revoke insert, update, delete on public.countries, public.time_zones, public.cuisines
    from restaurant_app, restaurant_background;
revoke update, delete on public.audit_log, public.ledger_entries from restaurant_app, restaurant_background;
grant all on public.opening_hours to restaurant_app;

-- Later migrations need not repeat the grants.
alter default privileges in schema public
    grant select, insert, update, delete on tables to restaurant_app, restaurant_background;
alter default privileges in schema public grant select on tables to restaurant_reporting;
