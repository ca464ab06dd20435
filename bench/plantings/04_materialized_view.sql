-- about: a materialised view holds the rows of all tenants and has no policies
-- expect: public.invoice_months
-- fault: materialised view granted
-- topic: material|matview|another tenant|other tenant

create materialized view public.invoice_months as
    select tenant_id, count(*) as invoices, sum(total_cents) as total_cents from public.invoices group by tenant_id;
grant select on public.invoice_months to authenticated;

-- proof as authenticated:
select exists (select from public.invoice_months where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
