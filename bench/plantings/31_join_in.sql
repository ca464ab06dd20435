-- about: anybody may write himself into any tenant's list of members, and documents believe that list
-- expect: public.memberships
-- fault: join in by membership
-- topic: member|join|insert|check|another tenant|other tenant|identity|tenant_id

grant insert on public.memberships to authenticated;
create policy joins on public.memberships for insert to authenticated
    with check (user_id = (select auth.uid()));

-- proof as authenticated:
insert into public.memberships (tenant_id, user_id)
    values ('bbbbbbbb-0000-4000-8000-000000000000', 'a0000000-0000-4000-8000-000000000001');
select exists (select from public.documents where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
