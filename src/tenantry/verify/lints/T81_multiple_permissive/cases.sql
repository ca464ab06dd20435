-- case: two policies for select of everybody
-- expect: public.booking
create table public.booking (id int primary key, tenant_id uuid not null);
create policy one on public.booking for select using (id = 1);
create policy two on public.booking using (id = 2);

-- case: one for each command, and restrictive ones
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null);
create policy one on public.booking for select using (id = 1);
create policy two on public.booking for update using (id = 2);
create policy three on public.booking as restrictive for select using (id > 0);
