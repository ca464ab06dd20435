-- about: a second permissive policy, meant for the front desk, widens the first
-- expect: public.bookings
-- fault: extra permissive policy
-- topic: permissive|another tenant|other tenant|every row|all rows

create policy front_desk on public.bookings for select to authenticated
    using (starts_at > now() - interval '1 day');

-- proof as authenticated:
select exists (select from public.bookings where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
