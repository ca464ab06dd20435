-- about: the policy lets in any row that is written
-- expect: public.bookings
-- fault: with check (true)
-- topic: check|another tenant|other tenant|write|insert

alter policy own_tenant on public.bookings with check (true);

-- proof as authenticated:
insert into public.bookings (tenant_id, customer_id, note)
    values ('bbbbbbbb-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-00000000000c', 'planted by A');
select true;
