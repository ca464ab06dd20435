-- case: the tenant of the inner table compared with itself
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create table public.member (tenant_id uuid, name text);
create policy members on public.booking using (exists (
    select from public.member as m where m.tenant_id = tenant_id and m.name = current_user
));

-- case: the id of the inner table taken for the row's
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create table public.share (id int, booking_id int, name text);
create policy shared on public.booking for select using (exists (
    select from public.share where booking_id = id and name = current_user
));

-- case: the row is named
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create table public.member (tenant_id uuid, name text);
create policy members on public.booking using (exists (
    select from public.member as m where m.tenant_id = booking.tenant_id and m.name = current_user
));
