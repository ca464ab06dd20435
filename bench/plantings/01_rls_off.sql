-- about: row security switched off on a table the application may use
-- expect: public.invoices
-- fault: rls off and granted
-- topic: rls|row.?security|row.?level|another tenant|other tenant|exposed|reads

alter table public.invoices disable row level security;

-- proof as authenticated:
select exists (select from public.invoices where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
