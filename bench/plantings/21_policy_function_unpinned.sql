-- about: a policy asks a function that looks names up along the caller's search path, and the caller may create
-- expect: public.claimed_tenant, public.invoices
-- fault: unpinned policy function and create on a schema
-- topic: search.?path|create on|unpinned|hijack

create function public.claimed_tenant() returns uuid
    language plpgsql stable
    as $$ begin return (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'tenant_id')::uuid; end $$;
revoke execute on function public.claimed_tenant() from public;
grant execute on function public.claimed_tenant() to authenticated;
alter policy own_tenant on public.invoices
    using (tenant_id = (select public.claimed_tenant())) with check (tenant_id = (select public.claimed_tenant()));
grant create on schema public to authenticated;

-- proof as authenticated:
create function public.current_setting(text, boolean) returns text language sql
    as $$ select '{"tenant_id": "bbbbbbbb-0000-4000-8000-000000000000"}' $$;
set search_path = public, pg_catalog;
select exists (select from public.invoices where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
