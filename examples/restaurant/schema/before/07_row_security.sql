-- Row security: who sees and changes which rows.

alter table public.restaurants enable row level security;
alter table public.restaurants force row level security;
create policy restaurants_read on public.restaurants
    for select using (id = public.current_restaurant_id());
create policy restaurants_sign_up on public.restaurants
    for insert with check (id = public.current_restaurant_id());
create policy restaurants_settings on public.restaurants
    for update using (id = public.current_restaurant_id());

-- Everybody sees themselves and the colleagues of the restaurant they work in right now.
alter table public.users enable row level security;
alter table public.users force row level security;
create policy users_read on public.users
    for select using (
        id = public.current_user_id()
        or exists (
            select from public.restaurant_members as member
            where member.user_id = users.id and member.restaurant_id = public.current_restaurant_id()
        )
    );
create policy users_sign_up on public.users
    for insert with check (id = public.current_user_id());
create policy users_own_profile on public.users
    for update using (id = public.current_user_id());

alter table public.restaurant_members enable row level security;
alter table public.restaurant_members force row level security;
create policy members_read on public.restaurant_members
    for select using (restaurant_id = public.current_restaurant_id());
-- Accepting an invitation creates your own membership.
create policy members_join on public.restaurant_members
    for insert with check (user_id = public.current_user_id());
create policy members_manage on public.restaurant_members
    for update using (restaurant_id = public.current_restaurant_id());
create policy members_leave on public.restaurant_members
    for delete using (restaurant_id = public.current_restaurant_id());

alter table public.invitations enable row level security;
alter table public.invitations force row level security;
create policy invitations_tenant on public.invitations
    using (restaurant_id = public.current_restaurant_id())
    with check (restaurant_id = public.current_restaurant_id());

create policy staff_documents_read on public.staff_documents
    for select using (
        restaurant_id = public.current_restaurant_id()
        and (not is_confidential or user_id = public.current_user_id())
    );
create policy staff_documents_write on public.staff_documents
    for insert with check (restaurant_id = public.current_restaurant_id());
create policy staff_documents_change on public.staff_documents
    for update using (restaurant_id = public.current_restaurant_id());

alter table public.opening_hours enable row level security;
alter table public.opening_hours force row level security;
create policy opening_hours_tenant on public.opening_hours
    using (restaurant_id = public.current_restaurant_id())
    with check (restaurant_id = public.current_restaurant_id());

alter table public.menu_items enable row level security;
alter table public.menu_items force row level security;
create policy menu_items_read on public.menu_items
    for select using (restaurant_id = public.current_restaurant_id());
create policy menu_items_add on public.menu_items
    for insert with check (restaurant_id = public.current_restaurant_id());
create policy menu_items_edit on public.menu_items
    for update using (restaurant_id = public.current_restaurant_id());
-- Only the back office deletes dishes, and it always runs with a restaurant.
create policy menu_items_remove on public.menu_items
    for delete using (public.current_restaurant_id() is not null);

alter table public.customers enable row level security;
alter table public.customers force row level security;
create policy customers_tenant on public.customers
    using (restaurant_id = (select nullif(current_setting('app.restaurant_id', true), '')::uuid))
    with check (restaurant_id = (select nullif(current_setting('app.restaurant_id', true), '')::uuid));

alter table public.dining_tables enable row level security;
alter table public.dining_tables force row level security;
create policy dining_tables_tenant on public.dining_tables
    using (restaurant_id = (select nullif(current_setting('app.restaurant_id', true), '')::uuid))
    with check (restaurant_id = (select nullif(current_setting('app.restaurant_id', true), '')::uuid));

alter table public.holds enable row level security;
alter table public.holds force row level security;
create policy holds_read on public.holds
    for select using (restaurant_id = public.current_restaurant_id());
create policy holds_place on public.holds
    for insert with check (restaurant_id = public.current_restaurant_id());
create policy holds_progress on public.holds
    for update using (restaurant_id = public.current_restaurant_id())
    with check (status in ('active', 'confirmed', 'released', 'expired') and ends_at > starts_at);
create policy holds_drop on public.holds
    for delete using (restaurant_id = public.current_restaurant_id());

alter table public.table_hold_members enable row level security;
alter table public.table_hold_members force row level security;
create policy table_hold_members_via_hold on public.table_hold_members
    using (
        exists (
            select from public.holds as hold
            where hold.id = table_hold_members.hold_id
                and hold.restaurant_id = public.current_restaurant_id()
        )
        and exists (
            select from public.dining_tables as dining_table
            where dining_table.id = table_hold_members.table_id
                and dining_table.restaurant_id = public.current_restaurant_id()
        )
    );

alter table public.bookings enable row level security;
alter table public.bookings force row level security;
create policy bookings_tenant on public.bookings
    using (restaurant_id = (select public.current_restaurant_id()))
    with check (restaurant_id = (select public.current_restaurant_id()));

alter table public.booking_table_assignments enable row level security;
alter table public.booking_table_assignments force row level security;
create policy assignments_tenant on public.booking_table_assignments
    using (restaurant_id = current_setting('app.restaurant_id', true)::uuid)
    with check (restaurant_id = current_setting('app.restaurant_id', true)::uuid);

-- The nightly jobs have no restaurant and work on all of them.
alter table public.allocations enable row level security;
alter table public.allocations force row level security;
create policy allocations_tenant_or_job on public.allocations
    using (public.current_restaurant_id() is null or restaurant_id = public.current_restaurant_id());

-- Guests leave feedback on the public page, without a login.
alter table public.feedback enable row level security;
alter table public.feedback force row level security;
create policy feedback_read on public.feedback
    for select using (restaurant_id = public.current_restaurant_id());
create policy feedback_leave on public.feedback
    for insert with check (true);
create policy feedback_moderate on public.feedback
    for update using (restaurant_id = public.current_restaurant_id());

alter table public.ledger_entries enable row level security;
create policy ledger_entries_read on public.ledger_entries
    for select using (restaurant_id = public.current_restaurant_id());
create policy ledger_entries_book on public.ledger_entries
    for insert with check (restaurant_id = public.current_restaurant_id());

alter table public.gift_cards enable row level security;
alter table public.gift_cards force row level security;
create policy gift_cards_tenant on public.gift_cards
    using (restaurant_id = public.current_restaurant_id())
    with check (restaurant_id = public.current_restaurant_id());

alter table public.capacity_outbox enable row level security;
alter table public.capacity_outbox force row level security;
create policy capacity_outbox_tenant on public.capacity_outbox
    using (restaurant_id = public.current_restaurant_id())
    with check (restaurant_id = public.current_restaurant_id());
create policy "Service role can manage capacity outbox" on public.capacity_outbox
    for all using (true) with check (true);

alter table public.analytics_events enable row level security;
alter table public.analytics_events force row level security;
create policy analytics_events_tenant on public.analytics_events
    using (restaurant_id = public.current_restaurant_id())
    with check (restaurant_id = public.current_restaurant_id());

-- Entries without a restaurant are announcements and maintenance by the platform.
alter table public.audit_log enable row level security;
alter table public.audit_log force row level security;
create policy audit_log_read on public.audit_log
    for select using (restaurant_id is null or restaurant_id = public.current_restaurant_id());
create policy audit_log_write on public.audit_log
    for insert with check (restaurant_id is null or restaurant_id = public.current_restaurant_id());
