-- about: the function that tells the tenant is declared immutable, so a kept plan keeps the tenant
-- expect: public.current_tenant, public.invoices
-- fault: immutable context function
-- topic: immutable|volatil|constant

create function public.current_tenant() returns uuid
    language sql immutable
    set search_path = ''
    as $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'tenant_id')::uuid $$;
revoke execute on function public.current_tenant() from public;
grant execute on function public.current_tenant() to authenticated;
alter policy own_tenant on public.invoices
    using (tenant_id = (select public.current_tenant())) with check (tenant_id = (select public.current_tenant()));

-- proof as authenticated:
-- two clients, one after the other, on one connection of a pool
set plan_cache_mode = force_generic_plan;
select set_config('request.jwt.claims', '{"tenant_id": "bbbbbbbb-0000-4000-8000-000000000000"}', false);
prepare of_pool as select exists (select from public.invoices where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
execute of_pool;
select set_config('request.jwt.claims', '{"tenant_id": "aaaaaaaa-0000-4000-8000-000000000000"}', false);
execute of_pool;
