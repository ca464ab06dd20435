-- Row security, part three: money and events. Every table has one floor for everybody, which nothing
-- can widen: rows of the open restaurant only. The other policies say what its members may do there.

-- The owner of the tables adds to the outbox and the audit trail when a foreign key cascades: since
-- PostgreSQL 18 a trigger runs as the role that was at work when its row was changed.

alter table public.ledger_entries enable row level security;
alter table public.ledger_entries force row level security;
create policy ledger_entries_floor on public.ledger_entries as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy ledger_entries_read on public.ledger_entries
    for select to restaurant_app, restaurant_worker, restaurant_reporting
    using ((select public.current_member_role()) is not null);
create policy ledger_entries_add on public.ledger_entries
    for insert to restaurant_app, restaurant_worker
    with check ((select public.current_member_role()) is not null);

alter table public.gift_cards enable row level security;
alter table public.gift_cards force row level security;
create policy gift_cards_floor on public.gift_cards as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy gift_cards_read on public.gift_cards
    for select to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);
create policy gift_cards_add on public.gift_cards
    for insert to restaurant_app, restaurant_worker
    with check ((select public.current_member_role()) is not null);
create policy gift_cards_change on public.gift_cards
    for update to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null)
    with check ((select public.current_member_role()) is not null);
create policy gift_cards_remove on public.gift_cards
    for delete to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) in ('owner', 'manager'));

alter table public.capacity_outbox enable row level security;
alter table public.capacity_outbox force row level security;
create policy capacity_outbox_floor on public.capacity_outbox as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy capacity_outbox_read on public.capacity_outbox
    for select to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);
create policy capacity_outbox_add on public.capacity_outbox
    for insert to restaurant_app, restaurant_worker, restaurant_tables_owner
    with check ((select public.current_member_role()) is not null);
create policy capacity_outbox_change on public.capacity_outbox
    for update to restaurant_worker
    using ((select public.current_member_role()) is not null)
    with check ((select public.current_member_role()) is not null);
create policy capacity_outbox_remove on public.capacity_outbox
    for delete to restaurant_worker
    using ((select public.current_member_role()) is not null);

alter table public.analytics_events enable row level security;
alter table public.analytics_events force row level security;
create policy analytics_events_floor on public.analytics_events as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy analytics_events_read on public.analytics_events
    for select to restaurant_app, restaurant_worker, restaurant_reporting
    using ((select public.current_member_role()) is not null);
create policy analytics_events_add on public.analytics_events
    for insert to restaurant_app, restaurant_worker
    with check ((select public.current_member_role()) is not null);
create policy analytics_events_remove on public.analytics_events
    for delete to restaurant_worker
    using ((select public.current_member_role()) is not null);

-- A partition can be named directly, and then only its own policies count.
alter table public.analytics_events_2026_08 enable row level security;
alter table public.analytics_events_2026_08 force row level security;
create policy analytics_events_2026_08_floor on public.analytics_events_2026_08 as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));

alter table public.analytics_events_2026_09 enable row level security;
alter table public.analytics_events_2026_09 force row level security;
create policy analytics_events_2026_09_floor on public.analytics_events_2026_09 as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));

alter table public.analytics_events_2026_10 enable row level security;
alter table public.analytics_events_2026_10 force row level security;
create policy analytics_events_2026_10_floor on public.analytics_events_2026_10 as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));

alter table public.analytics_events_2026_11 enable row level security;
alter table public.analytics_events_2026_11 force row level security;
create policy analytics_events_2026_11_floor on public.analytics_events_2026_11 as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));

alter table public.analytics_events_2026_12 enable row level security;
alter table public.analytics_events_2026_12 force row level security;
create policy analytics_events_2026_12_floor on public.analytics_events_2026_12 as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));

alter table public.analytics_events_rest enable row level security;
alter table public.analytics_events_rest force row level security;
create policy analytics_events_rest_floor on public.analytics_events_rest as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));

alter table public.audit_log enable row level security;
alter table public.audit_log force row level security;
create policy audit_log_floor on public.audit_log as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy audit_log_read on public.audit_log
    for select to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);
create policy audit_log_add on public.audit_log
    for insert to restaurant_app, restaurant_worker, restaurant_tables_owner
    with check (actor_id = (select substring(current_setting('backtrace_functions', true) from ',a([0-9a-f]{32})$')::uuid));
