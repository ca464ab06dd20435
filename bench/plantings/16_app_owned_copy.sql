-- about: a report is a copy of a tenant table, and belongs to the application's role
-- expect: reports.invoices
-- fault: copy owned by the app role
-- topic: own|rls|row.?security|row.?level|copy|another tenant|other tenant

create schema reports;
grant usage on schema reports to authenticated;
create table reports.invoices as select * from public.invoices;
alter table reports.invoices add primary key (tenant_id, id);
alter table reports.invoices owner to authenticated;

-- proof as authenticated:
select exists (select from reports.invoices where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
