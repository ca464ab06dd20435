-- case: a granted partition of a table with row security
-- expect: public.booking
create role case_app login;
create table public.booking (id int, tenant_id uuid not null, on_day date) partition by range (on_day);
create table public.booking_2026 partition of public.booking for values from ('2026-01-01') to ('2027-01-01');
alter table public.booking enable row level security;
grant select on public.booking to case_app;
grant select on public.booking_2026 to case_app;

-- case: only the parent is granted
-- expect: nothing
create role case_app login;
create table public.booking (id int, tenant_id uuid not null, on_day date) partition by range (on_day);
create table public.booking_2026 partition of public.booking for values from ('2026-01-01') to ('2027-01-01');
alter table public.booking enable row level security;
grant select on public.booking to case_app;

-- case: the partition has row security itself
-- expect: nothing
create role case_app login;
create table public.booking (id int, tenant_id uuid not null, on_day date) partition by range (on_day);
create table public.booking_2026 partition of public.booking for values from ('2026-01-01') to ('2027-01-01');
alter table public.booking enable row level security;
grant select on public.booking to case_app;
alter table public.booking_2026 enable row level security;
grant select on public.booking_2026 to case_app;
