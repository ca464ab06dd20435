-- Row security, part two: guests and bookings. Every table has one floor for everybody, which nothing
-- can widen: rows of the open restaurant only. The other policies say what its members may do there.

alter table public.customers enable row level security;
alter table public.customers force row level security;
create policy customers_floor on public.customers as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy customers_read on public.customers
    for select to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);
create policy customers_add on public.customers
    for insert to restaurant_app, restaurant_worker
    with check ((select public.current_member_role()) is not null);
create policy customers_change on public.customers
    for update to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null)
    with check ((select public.current_member_role()) is not null);
create policy customers_remove on public.customers
    for delete to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);
-- search_customers runs as the owner of the table, below the same floor.
create policy customers_search on public.customers for select to restaurant_tables_owner
    using ((select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid) is not null);

alter table public.dining_tables enable row level security;
alter table public.dining_tables force row level security;
create policy dining_tables_floor on public.dining_tables as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy dining_tables_read on public.dining_tables
    for select to restaurant_app, restaurant_worker, restaurant_reporting
    using ((select public.current_member_role()) is not null);
create policy dining_tables_add on public.dining_tables
    for insert to restaurant_app, restaurant_worker
    with check ((select public.current_member_role()) is not null);
create policy dining_tables_change on public.dining_tables
    for update to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null)
    with check ((select public.current_member_role()) is not null);
create policy dining_tables_remove on public.dining_tables
    for delete to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);

alter table public.holds enable row level security;
alter table public.holds force row level security;
create policy holds_floor on public.holds as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy holds_read on public.holds
    for select to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);
create policy holds_add on public.holds
    for insert to restaurant_app, restaurant_worker
    with check ((select public.current_member_role()) is not null);
create policy holds_change on public.holds
    for update to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null)
    with check ((select public.current_member_role()) is not null);
create policy holds_remove on public.holds
    for delete to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);

alter table public.table_hold_members enable row level security;
alter table public.table_hold_members force row level security;
create policy table_hold_members_floor on public.table_hold_members as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy table_hold_members_read on public.table_hold_members
    for select to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);
create policy table_hold_members_add on public.table_hold_members
    for insert to restaurant_app, restaurant_worker
    with check ((select public.current_member_role()) is not null);
create policy table_hold_members_change on public.table_hold_members
    for update to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null)
    with check ((select public.current_member_role()) is not null);
create policy table_hold_members_remove on public.table_hold_members
    for delete to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);

alter table public.bookings enable row level security;
alter table public.bookings force row level security;
create policy bookings_floor on public.bookings as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy bookings_read on public.bookings
    for select to restaurant_app, restaurant_worker, restaurant_reporting
    using ((select public.current_member_role()) is not null);
create policy bookings_add on public.bookings
    for insert to restaurant_app, restaurant_worker
    with check ((select public.current_member_role()) is not null);
create policy bookings_change on public.bookings
    for update to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null)
    with check ((select public.current_member_role()) is not null);
create policy bookings_remove on public.bookings
    for delete to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);

alter table public.booking_table_assignments enable row level security;
alter table public.booking_table_assignments force row level security;
create policy booking_table_assignments_floor on public.booking_table_assignments as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy booking_table_assignments_read on public.booking_table_assignments
    for select to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);
create policy booking_table_assignments_add on public.booking_table_assignments
    for insert to restaurant_app, restaurant_worker
    with check ((select public.current_member_role()) is not null);
create policy booking_table_assignments_change on public.booking_table_assignments
    for update to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null)
    with check ((select public.current_member_role()) is not null);
create policy booking_table_assignments_remove on public.booking_table_assignments
    for delete to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);

alter table public.allocations enable row level security;
alter table public.allocations force row level security;
create policy allocations_floor on public.allocations as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy allocations_read on public.allocations
    for select to restaurant_app, restaurant_worker, restaurant_reporting
    using ((select public.current_member_role()) is not null);
create policy allocations_add on public.allocations
    for insert to restaurant_app, restaurant_worker
    with check ((select public.current_member_role()) is not null);
create policy allocations_change on public.allocations
    for update to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null)
    with check ((select public.current_member_role()) is not null);
create policy allocations_remove on public.allocations
    for delete to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);

alter table public.feedback enable row level security;
alter table public.feedback force row level security;
create policy feedback_floor on public.feedback as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy feedback_read on public.feedback
    for select to restaurant_app, restaurant_worker, restaurant_reporting
    using ((select public.current_member_role()) is not null);
create policy feedback_add on public.feedback
    for insert to restaurant_app, restaurant_worker
    with check ((select public.current_member_role()) is not null);
create policy feedback_change on public.feedback
    for update to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null)
    with check ((select public.current_member_role()) is not null);
create policy feedback_remove on public.feedback
    for delete to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);

alter table public.waitlist_entries enable row level security;
alter table public.waitlist_entries force row level security;
create policy waitlist_entries_floor on public.waitlist_entries as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy waitlist_entries_read on public.waitlist_entries
    for select to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);
create policy waitlist_entries_add on public.waitlist_entries
    for insert to restaurant_app, restaurant_worker
    with check ((select public.current_member_role()) is not null);
create policy waitlist_entries_change on public.waitlist_entries
    for update to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null)
    with check ((select public.current_member_role()) is not null);
create policy waitlist_entries_remove on public.waitlist_entries
    for delete to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);
