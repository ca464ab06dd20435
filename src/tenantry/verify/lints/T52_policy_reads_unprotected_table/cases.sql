-- case: a membership table without row security that the application may write
-- expect: public.member
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create table public.member (tenant text, name text);
grant select, insert on public.member to case_app;
create policy members on public.booking using (exists (
    select from public.member
    where member.tenant = booking.tenant_id::text and member.name = current_setting('app.user', true)
));

-- case: the same behind a function
-- expect: public.member
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create table public.member (tenant text, name text);
grant insert on public.member to case_app;
create function public.is_member(t uuid) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from public.member as m where m.tenant = t::text and m.name = current_setting('app.user', true)
    )
$$;
create policy members on public.booking using (public.is_member(tenant_id));

-- case: read only, or protected itself
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create table public.member (tenant text, name text);
grant select on public.member to case_app;
create policy members on public.booking using (exists (
    select from public.member
    where member.tenant = booking.tenant_id::text and member.name = current_setting('app.user', true)
));
create table public.staff (tenant text, name text);
alter table public.staff enable row level security;
grant insert on public.staff to case_app;
create policy staff on public.booking for select using (tenant_id::text in (select staff.tenant from public.staff));
