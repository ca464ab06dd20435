-- about: the tenant may be missing, and a row without tenant is everybody's
-- expect: public.messages
-- fault: nullable tenant, is null or
-- topic: null

alter table public.messages alter column tenant_id drop not null;
alter policy own_tenant on public.messages
    using (tenant_id is null or tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id is null or tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

-- proof as postgres:
-- a worker of B forgets the tenant
insert into public.messages (tenant_id, body) values (null, 'SECRET of B, unlabelled');

-- proof as authenticated:
select exists (select from public.messages where body = 'SECRET of B, unlabelled');
