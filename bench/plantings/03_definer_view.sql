-- about: a view reads with the rights of its owner, whom no policy holds
-- expect: public.invoice_totals
-- fault: definer view
-- topic: view|invoker|definer|another tenant|other tenant

create view public.invoice_totals with (security_barrier = true) as
    select tenant_id, booking_id, total_cents from public.invoices;
grant select on public.invoice_totals to authenticated;

-- proof as authenticated:
select exists (select from public.invoice_totals where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
