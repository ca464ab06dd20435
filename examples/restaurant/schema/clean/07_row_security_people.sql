-- Row security, part one: restaurants and people. Every table has one floor for everybody, which nothing
-- can widen: rows of the open restaurant only. The other policies say what its members may do there.

alter table public.restaurants enable row level security;
alter table public.restaurants force row level security;
create policy restaurants_floor on public.restaurants as restrictive for all to public
    using (id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy restaurants_read on public.restaurants
    for select to restaurant_app, restaurant_worker, restaurant_reporting
    using ((select public.current_member_role()) is not null);
create policy restaurants_add on public.restaurants
    for insert to restaurant_worker
    with check ((select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid) is not null);
create policy restaurants_change on public.restaurants
    for update to restaurant_app
    using ((select public.current_member_role()) in ('owner', 'manager'))
    with check ((select public.current_member_role()) in ('owner', 'manager'));

-- A user has no restaurant: who works in the open one is seen, and everybody changes their own profile only.
alter table public.users enable row level security;
alter table public.users force row level security;
create policy users_floor on public.users as restrictive for all to public
    using (id in (
        select member.user_id
        from public.restaurant_members as member
        where member.restaurant_id = (
            select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
        )
    ))
    with check (id in (
        select member.user_id
        from public.restaurant_members as member
        where member.restaurant_id = (
            select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
        )
    ));
create policy users_read on public.users
    for select to restaurant_app
    using ((select public.current_member_role()) is not null);
create policy users_change on public.users
    for update to restaurant_app
    using (id = (select substring(current_setting('backtrace_functions', true) from ',a([0-9a-f]{32})$')::uuid))
    with check (id = (select substring(current_setting('backtrace_functions', true) from ',a([0-9a-f]{32})$')::uuid));

alter table public.restaurant_members enable row level security;
alter table public.restaurant_members force row level security;
create policy restaurant_members_floor on public.restaurant_members as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy restaurant_members_read on public.restaurant_members
    for select to restaurant_app, restaurant_worker, restaurant_reporting
    using ((select public.current_member_role()) is not null);
create policy restaurant_members_add on public.restaurant_members
    for insert to restaurant_worker
    with check ((select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid) is not null);
create policy restaurant_members_change on public.restaurant_members
    for update to restaurant_app
    using ((select public.current_member_role()) = 'owner')
    with check ((select public.current_member_role()) = 'owner');
create policy restaurant_members_remove on public.restaurant_members
    for delete to restaurant_app
    using ((select public.current_member_role()) = 'owner');
-- current_member_role runs as this owner.
create policy restaurant_members_role on public.restaurant_members
    for select to restaurant_context_owner
    using (user_id = (select substring(current_setting('backtrace_functions', true) from ',a([0-9a-f]{32})$')::uuid));

alter table public.invitations enable row level security;
alter table public.invitations force row level security;
create policy invitations_floor on public.invitations as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy invitations_read on public.invitations
    for select to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);
create policy invitations_add on public.invitations
    for insert to restaurant_app
    with check ((select public.current_member_role()) in ('owner', 'manager'));
create policy invitations_change on public.invitations
    for update to restaurant_app
    using ((select public.current_member_role()) in ('owner', 'manager'))
    with check ((select public.current_member_role()) in ('owner', 'manager'));
create policy invitations_remove on public.invitations
    for delete to restaurant_app
    using ((select public.current_member_role()) in ('owner', 'manager'));

alter table public.staff_documents enable row level security;
alter table public.staff_documents force row level security;
create policy staff_documents_floor on public.staff_documents as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy staff_documents_read on public.staff_documents
    for select to restaurant_app
    using ((not is_confidential and (select public.current_member_role()) is not null)
        or (select public.current_member_role()) in ('owner', 'manager')
        or user_id = (select substring(current_setting('backtrace_functions', true) from ',a([0-9a-f]{32})$')::uuid));
create policy staff_documents_add on public.staff_documents
    for insert to restaurant_app
    with check ((select public.current_member_role()) in ('owner', 'manager'));
create policy staff_documents_change on public.staff_documents
    for update to restaurant_app
    using ((select public.current_member_role()) in ('owner', 'manager'))
    with check ((select public.current_member_role()) in ('owner', 'manager'));
create policy staff_documents_remove on public.staff_documents
    for delete to restaurant_app
    using ((select public.current_member_role()) in ('owner', 'manager'));

alter table public.opening_hours enable row level security;
alter table public.opening_hours force row level security;
create policy opening_hours_floor on public.opening_hours as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy opening_hours_read on public.opening_hours
    for select to restaurant_app, restaurant_worker, restaurant_reporting
    using ((select public.current_member_role()) is not null);
create policy opening_hours_add on public.opening_hours
    for insert to restaurant_app, restaurant_worker
    with check ((select public.current_member_role()) is not null);
create policy opening_hours_change on public.opening_hours
    for update to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null)
    with check ((select public.current_member_role()) is not null);
create policy opening_hours_remove on public.opening_hours
    for delete to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);

alter table public.menu_items enable row level security;
alter table public.menu_items force row level security;
create policy menu_items_floor on public.menu_items as restrictive for all to public
    using (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ))
    with check (restaurant_id = (
        select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
    ));
create policy menu_items_read on public.menu_items
    for select to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);
create policy menu_items_add on public.menu_items
    for insert to restaurant_app, restaurant_worker
    with check ((select public.current_member_role()) is not null);
create policy menu_items_change on public.menu_items
    for update to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null)
    with check ((select public.current_member_role()) is not null);
create policy menu_items_remove on public.menu_items
    for delete to restaurant_app, restaurant_worker
    using ((select public.current_member_role()) is not null);
