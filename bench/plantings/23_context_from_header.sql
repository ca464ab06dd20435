-- about: the tenant is taken from a header where there is one, and any client writes headers
-- expect: public.invoices
-- fault: forgeable context
-- topic: header|forge|spoof|every role may set|any client

alter policy own_tenant on public.invoices
    using (tenant_id = (select coalesce(
        nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-tenant-id',
        (select auth.jwt()) ->> 'tenant_id'))::uuid)
    with check (tenant_id = (select coalesce(
        nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-tenant-id',
        (select auth.jwt()) ->> 'tenant_id'))::uuid);

-- proof as authenticated:
select set_config('request.headers', '{"x-tenant-id": "bbbbbbbb-0000-4000-8000-000000000000"}', false);
select exists (select from public.invoices where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
