-- about: the owner of a table logs in, and the table's policies do not hold its owner
-- expect: public.invoices, app_owner
-- fault: no force, owner logs in
-- topic: forc|owner|another tenant|other tenant

alter table public.invoices no force row level security;
alter role app_owner login;

-- proof as app_owner:
select exists (select from public.invoices where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
