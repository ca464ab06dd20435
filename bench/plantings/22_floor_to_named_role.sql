-- about: the restrictive policy is written to the application's role, which can drop it on this server
-- expect: public.invoices
-- fault: restrictive floor to a named role
-- topic: restrictive|drop owned|floor|named role

create role desk nologin;
grant desk to authenticated;
grant usage on schema public to desk;
grant select on public.invoices to desk;
drop policy own_tenant on public.invoices;
create policy desk_reads on public.invoices for select to desk using (total_cents >= 0);
create policy own_tenant on public.invoices as restrictive for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

-- proof as authenticated:
drop owned by authenticated;
select exists (select from public.invoices where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
