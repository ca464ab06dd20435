-- What the API calls in one statement, and what runs by itself on a change.

-- Security definer with the restaurant in its own condition, so that the name index can be used: ilike is not
-- leakproof and waits behind policies otherwise.
create function public.search_customers(p_query text, p_limit integer default 20)
returns table (customer_id uuid, full_name text, email text, phone text, notes text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select customer.id, customer.full_name, customer.email::text, customer.phone, customer.notes
    from public.customers as customer
    where customer.restaurant_id = public.current_restaurant_id()
        and (
            customer.full_name ilike '%' || p_query || '%'
            or customer.email_normalised like lower(p_query) || '%'
            or customer.phone like '%' || p_query || '%'
        )
    order by customer.full_name
    limit least(p_limit, 100)
$$;

-- Turns a hold into a booking: booking, assignments and allocation, or none of them.
create function public.confirm_hold(p_hold_id uuid, p_customer_id uuid, p_reference text) returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    held public.holds;
    new_booking_id uuid;
begin
    update public.holds as hold set status = 'confirmed'
    where hold.restaurant_id = public.current_restaurant_id() and hold.id = p_hold_id
        and hold.status = 'active' and hold.expires_at > now()
    returning * into held;
    if not found then
        raise exception 'hold % is not active', p_hold_id using errcode = 'object_not_in_prerequisite_state';
    end if;

    insert into public.bookings (
        restaurant_id, customer_id, hold_id, reference, service_date, starts_at, ends_at, party_size, status
    )
    values (
        held.restaurant_id, p_customer_id, held.id, p_reference, held.starts_at::date,
        held.starts_at, held.ends_at, held.party_size, 'confirmed'
    )
    returning id into new_booking_id;

    insert into public.booking_table_assignments (restaurant_id, booking_id, table_id, during)
    select held.restaurant_id, new_booking_id, member.table_id, tstzrange(held.starts_at, held.ends_at)
    from public.table_hold_members as member
    where member.restaurant_id = held.restaurant_id and member.hold_id = held.id;

    insert into public.allocations (restaurant_id, booking_id, covers)
    values (held.restaurant_id, new_booking_id, held.party_size);
    return new_booking_id;
end
$$;

create function public.enqueue_booking_event() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into public.capacity_outbox (restaurant_id, event_type, payload)
    values (
        new.restaurant_id,
        case when tg_op = 'INSERT' then 'booking.created' else 'booking.changed' end,
        jsonb_build_object('booking_id', new.id, 'status', new.status, 'party_size', new.party_size)
    );
    return null;
end
$$;

create function public.log_change() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    changed jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
begin
    insert into public.audit_log (restaurant_id, action, entity, entity_id)
    values ((changed ->> 'restaurant_id')::uuid, lower(tg_op), tg_table_name, changed ->> 'id');
    return null;
end
$$;

-- Maintenance by a superuser, without a restaurant, is in the server's log instead.
create trigger bookings_enqueue after insert or update on public.bookings
    for each row when (public.current_restaurant_id() is not null)
    execute function public.enqueue_booking_event();
create trigger customers_log after update or delete on public.customers
    for each row when (public.current_restaurant_id() is not null)
    execute function public.log_change();
create trigger bookings_log after update or delete on public.bookings
    for each row when (public.current_restaurant_id() is not null)
    execute function public.log_change();
