-- about: a new partition is reached directly, past the policies of its parent
-- expect: public.events_2027
-- fault: partition child without row security, granted
-- topic: partition|child|parent|rls|row.?security|row.?level|another tenant|other tenant

create table public.events_2027 partition of public.events for values from ('2027-01-01') to ('2028-01-01');
alter table public.events_2027 owner to app_owner;
grant select, insert on public.events_2027 to authenticated;
insert into public.events (tenant_id, happened_on, what) values ('bbbbbbbb-0000-4000-8000-000000000000', '2027-05-02', 'SECRET');

-- proof as authenticated:
select exists (select from public.events_2027 where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
