-- about: the update policy looks at the old row's tenant and only at the new row's text
-- expect: public.messages
-- fault: move by update without tenant in the check
-- topic: check|move|update|another tenant|other tenant

drop policy own_tenant on public.messages;
create policy reads on public.messages for select to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);
create policy writes on public.messages for insert to authenticated
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);
create policy changes on public.messages for update to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid) with check (body <> '');
create policy removes on public.messages for delete to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

-- proof as authenticated:
update public.messages set tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000';

-- proof as postgres:
select not exists (select from public.messages where tenant_id = 'aaaaaaaa-0000-4000-8000-000000000000');
