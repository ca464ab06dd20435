-- about: the role starts every session as one tenant, so a connection that forgets the context is that tenant
-- expect: authenticated
-- fault: role-level settings
-- topic: alter role|starts|role.{0,40}set|setting

alter role authenticated set request.jwt.claims = '{"tenant_id": "bbbbbbbb-0000-4000-8000-000000000000"}';

-- proof as authenticated without claims:
select exists (select from public.invoices where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
