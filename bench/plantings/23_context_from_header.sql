-- about: without a claim the tenant is taken from a header, which any client writes
-- expect: public.invoices
-- fault: forgeable context
-- topic: header|forge|setting|fallback|client

alter policy own_tenant on public.invoices
    using (tenant_id = (select coalesce(
        nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-tenant-id',
        (select auth.jwt()) ->> 'tenant_id'))::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

-- proof as authenticated:
select set_config('request.headers', '{"x-tenant-id": "bbbbbbbb-0000-4000-8000-000000000000"}', false);
select exists (select from public.invoices where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
