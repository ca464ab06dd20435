-- about: the policy lets in any row that is written
-- expect: public.messages
-- fault: with check (true)
-- topic: check|another tenant|other tenant|write|insert

alter policy own_tenant on public.messages with check (true);

-- proof as authenticated:
insert into public.messages (tenant_id, body) values ('bbbbbbbb-0000-4000-8000-000000000000', 'planted by A');
select true;
