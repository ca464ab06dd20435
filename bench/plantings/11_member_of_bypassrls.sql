-- about: the application's role may become a role that no policy holds
-- expect: authenticated, analyst
-- fault: member of a bypassrls role
-- topic: bypass|set role|member

create role analyst nologin bypassrls;
grant usage on schema public to analyst;
grant select on all tables in schema public to analyst;
grant analyst to authenticated;

-- proof as authenticated:
set role analyst;
select exists (select from public.invoices where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
