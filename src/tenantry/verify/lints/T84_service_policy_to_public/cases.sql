-- case: the service role manages, says the name
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy "Service role can manage bookings" on public.booking for all using (true) with check (true);

-- case: written to the service role, or with a condition
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create role case_service;
create policy "Service role can manage bookings" on public.booking to case_service using (true) with check (true);
create policy "Service role reads" on public.booking for select using (current_user = 'case_service');
