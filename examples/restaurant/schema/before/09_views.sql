-- What the dashboards read.

create view public.todays_bookings as
select
    booking.id as booking_id, booking.restaurant_id, booking.reference, booking.starts_at, booking.party_size,
    booking.status, booking.special_requests, customer.full_name, customer.phone, customer.is_vip
from public.bookings as booking
join public.customers as customer on customer.id = booking.customer_id
where booking.service_date = current_date and booking.status in ('pending', 'confirmed', 'seated');

create view public.restaurant_revenue with (security_invoker = true) as
select
    restaurant.id as restaurant_id, restaurant.name, entry.booked_on, entry.currency,
    sum(entry.amount) as revenue, count(*) as entries
from public.restaurants as restaurant
join public.ledger_entries as entry on entry.restaurant_id = restaurant.id
group by restaurant.id, restaurant.name, entry.booked_on, entry.currency;

-- Refreshed every night: the month view of the dashboard was too slow.
create materialized view public.monthly_revenue as
select
    entry.restaurant_id, restaurant.name, date_trunc('month', entry.booked_on)::date as month,
    entry.currency, sum(entry.amount) as revenue, count(*) as entries
from public.ledger_entries as entry
join public.restaurants as restaurant on restaurant.id = entry.restaurant_id
group by entry.restaurant_id, restaurant.name, date_trunc('month', entry.booked_on), entry.currency
with data;
create unique index monthly_revenue_key on public.monthly_revenue (restaurant_id, month, currency);

grant select on public.todays_bookings, public.restaurant_revenue, public.monthly_revenue
    to restaurant_app, restaurant_reporting;
