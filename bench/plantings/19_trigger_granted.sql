-- about: the application may hang a trigger on a table, and it fires for every tenant
-- expect: public.messages
-- fault: trigger granted
-- topic: trigger

grant trigger on public.messages to authenticated;

-- proof as authenticated:
create trigger quiet before update on public.messages
    for each row execute function pg_catalog.suppress_redundant_updates_trigger();

-- proof as postgres:
-- B's update, although it matches a row, is swallowed
with touched as (update public.messages set body = body where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000' returning 1)
select not exists (select from touched);
