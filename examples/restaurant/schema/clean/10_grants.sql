-- Owner and privileges: nothing by table where columns will do, and nobody may truncate, reference or add triggers.
-- restaurant_id and id can be written once and never changed.

do $$
declare
    relation record;
begin
    for relation in
        select class.oid::regclass as name
        from pg_catalog.pg_class as class
        where class.relnamespace = 'public'::regnamespace and class.relkind in ('r', 'p')
    loop
        execute format('alter table %s owner to restaurant_tables_owner', relation.name);
    end loop;
end
$$;
alter function public.search_customers(text, integer) owner to restaurant_tables_owner;
alter function public.current_member_role() owner to restaurant_context_owner;

revoke all on all functions in schema public from public;
grant execute on function public.current_restaurant_id(), public.current_actor_id()
    to restaurant_tables_owner, restaurant_context_owner, restaurant_app, restaurant_worker, restaurant_reporting;
grant execute on function public.current_member_role()
    to restaurant_tables_owner, restaurant_app, restaurant_worker, restaurant_reporting;
grant execute on function public.search_customers(text, integer) to restaurant_app;
grant execute on function public.confirm_hold(uuid, uuid, text) to restaurant_app, restaurant_worker;

grant select on public.countries, public.time_zones, public.cuisines
    to restaurant_app, restaurant_worker, restaurant_reporting;

grant select (restaurant_id, user_id, role) on public.restaurant_members to restaurant_context_owner;

grant select on public.restaurants to restaurant_app, restaurant_worker, restaurant_reporting;
grant insert (
    id, name, slug_name, plan, cuisine_id, country_code, time_zone, currency, street, phone
) on public.restaurants to restaurant_worker;
grant update (
    name, cuisine_id, time_zone, currency, street, phone, deposit_per_cover
) on public.restaurants to restaurant_app;

grant select on public.users to restaurant_app;
grant update (full_name, phone, locale) on public.users to restaurant_app;

grant select on public.restaurant_members to restaurant_app, restaurant_worker, restaurant_reporting;
grant insert (restaurant_id, user_id, role) on public.restaurant_members to restaurant_worker;
grant update (role) on public.restaurant_members to restaurant_app;
grant delete on public.restaurant_members to restaurant_app;

grant select (
    restaurant_id, id, email, role, invited_by, expires_at, accepted_at
) on public.invitations to restaurant_app, restaurant_worker;
grant insert (restaurant_id, id, email, role, invited_by, expires_at) on public.invitations to restaurant_app;
grant update (role, expires_at, accepted_at) on public.invitations to restaurant_app;
grant delete on public.invitations to restaurant_app;

grant select on public.staff_documents to restaurant_app;
grant insert (
    restaurant_id, id, user_id, title, kind, body, is_confidential
) on public.staff_documents to restaurant_app;
grant update (user_id, title, kind, body, is_confidential) on public.staff_documents to restaurant_app;
grant delete on public.staff_documents to restaurant_app;

grant select on public.opening_hours to restaurant_app, restaurant_worker, restaurant_reporting;
grant insert (
    restaurant_id, id, weekday, opens_at, closes_at
) on public.opening_hours to restaurant_app, restaurant_worker;
grant update (weekday, opens_at, closes_at) on public.opening_hours to restaurant_app, restaurant_worker;
grant delete on public.opening_hours to restaurant_app, restaurant_worker;

grant select on public.menu_items to restaurant_app, restaurant_worker;
grant insert (
    restaurant_id, id, name, course, price, is_active, recipe_notes
) on public.menu_items to restaurant_app, restaurant_worker;
grant update (
    name, course, price, is_active, recipe_notes
) on public.menu_items to restaurant_app, restaurant_worker;
grant delete on public.menu_items to restaurant_app, restaurant_worker;

grant select on public.customers to restaurant_app, restaurant_worker;
grant insert (
    restaurant_id, id, full_name, email, phone, notes, is_vip
) on public.customers to restaurant_app, restaurant_worker;
grant update (full_name, email, phone, notes, is_vip) on public.customers to restaurant_app, restaurant_worker;
grant delete on public.customers to restaurant_app, restaurant_worker;

grant select on public.dining_tables to restaurant_app, restaurant_worker, restaurant_reporting;
grant insert (
    restaurant_id, id, label, seats, is_outdoor
) on public.dining_tables to restaurant_app, restaurant_worker;
grant update (label, seats, is_outdoor) on public.dining_tables to restaurant_app, restaurant_worker;
grant delete on public.dining_tables to restaurant_app, restaurant_worker;

grant select on public.holds to restaurant_app, restaurant_worker;
grant insert (
    restaurant_id, id, created_by, party_size, starts_at, ends_at, expires_at, status, guest_phone
) on public.holds to restaurant_app, restaurant_worker;
grant update (
    created_by, party_size, starts_at, ends_at, expires_at, status, guest_phone
) on public.holds to restaurant_app, restaurant_worker;
grant delete on public.holds to restaurant_app, restaurant_worker;

grant select on public.table_hold_members to restaurant_app, restaurant_worker;
grant insert (
    restaurant_id, hold_id, table_id, seats
) on public.table_hold_members to restaurant_app, restaurant_worker;
grant update (seats) on public.table_hold_members to restaurant_app, restaurant_worker;
grant delete on public.table_hold_members to restaurant_app, restaurant_worker;

grant select on public.bookings to restaurant_app, restaurant_worker, restaurant_reporting;
grant insert (
    restaurant_id, id, customer_id, hold_id, reference, service_date, starts_at, ends_at, party_size,
    status, special_requests, created_by
) on public.bookings to restaurant_app, restaurant_worker;
grant update (
    customer_id, hold_id, reference, service_date, starts_at, ends_at, party_size, status,
    special_requests, created_by
) on public.bookings to restaurant_app, restaurant_worker;
grant delete on public.bookings to restaurant_app, restaurant_worker;

grant select on public.booking_table_assignments to restaurant_app, restaurant_worker;
grant insert (
    restaurant_id, id, booking_id, table_id, during
) on public.booking_table_assignments to restaurant_app, restaurant_worker;
grant update (
    booking_id, table_id, during
) on public.booking_table_assignments to restaurant_app, restaurant_worker;
grant delete on public.booking_table_assignments to restaurant_app, restaurant_worker;

grant select on public.allocations to restaurant_app, restaurant_worker, restaurant_reporting;
grant insert (
    restaurant_id, id, booking_id, section, covers, server_name
) on public.allocations to restaurant_app, restaurant_worker;
grant update (
    booking_id, section, covers, server_name
) on public.allocations to restaurant_app, restaurant_worker;
grant delete on public.allocations to restaurant_app, restaurant_worker;

grant select on public.feedback to restaurant_app, restaurant_worker, restaurant_reporting;
grant insert (
    restaurant_id, id, booking_id, rating, comment, is_published
) on public.feedback to restaurant_app, restaurant_worker;
grant update (
    booking_id, rating, comment, is_published
) on public.feedback to restaurant_app, restaurant_worker;
grant delete on public.feedback to restaurant_app, restaurant_worker;

grant select on public.waitlist_entries to restaurant_app, restaurant_worker;
grant insert (
    restaurant_id, id, customer_id, wanted_on, party_size, message, notified_at
) on public.waitlist_entries to restaurant_app, restaurant_worker;
grant update (
    customer_id, wanted_on, party_size, message, notified_at
) on public.waitlist_entries to restaurant_app, restaurant_worker;
grant delete on public.waitlist_entries to restaurant_app, restaurant_worker;

grant select on public.ledger_entries to restaurant_app, restaurant_worker, restaurant_reporting;
grant insert (
    restaurant_id, id, booking_id, kind, amount, currency, card_last_four, booked_on
) on public.ledger_entries to restaurant_app, restaurant_worker;

grant select on public.gift_cards to restaurant_app, restaurant_worker;
grant insert (
    restaurant_id, id, code, initial_amount, balance, bought_by, expires_on
) on public.gift_cards to restaurant_app, restaurant_worker;
grant update (
    code, initial_amount, balance, bought_by, expires_on
) on public.gift_cards to restaurant_app, restaurant_worker;
grant delete on public.gift_cards to restaurant_app, restaurant_worker;

grant select on public.capacity_outbox to restaurant_app, restaurant_worker;
grant insert (
    restaurant_id, id, event_type, payload, status, dedupe_key, attempts, next_attempt_at
) on public.capacity_outbox to restaurant_app, restaurant_worker;
grant update (
    event_type, payload, status, dedupe_key, attempts, next_attempt_at
) on public.capacity_outbox to restaurant_worker;
grant delete on public.capacity_outbox to restaurant_worker;

grant select on public.analytics_events to restaurant_app, restaurant_worker, restaurant_reporting;
grant insert (
    restaurant_id, id, occurred_at, kind, visitor, properties
) on public.analytics_events to restaurant_app, restaurant_worker;
grant delete on public.analytics_events to restaurant_worker;

grant select on public.audit_log to restaurant_app, restaurant_worker;
grant insert (
    restaurant_id, id, actor_id, action, entity, entity_id, details
) on public.audit_log to restaurant_app, restaurant_worker;
