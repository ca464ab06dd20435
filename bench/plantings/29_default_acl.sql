-- about: new tables are born readable by the application, before they have row security
-- expect: authenticated, app_owner
-- fault: default privileges to the app role
-- topic: default

alter default privileges for role app_owner in schema public grant select, insert, update, delete on tables to authenticated;

-- proof as postgres:
set role app_owner;
create table public.refunds as select tenant_id, id, memo from public.invoices with no data;
insert into public.refunds values ('bbbbbbbb-0000-4000-8000-000000000000', gen_random_uuid(), 'SECRET');

-- proof as authenticated:
select exists (select from public.refunds where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
