-- case: a membership table the role may not read
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create table public.member (tenant_id uuid, name text);
create policy members on public.booking using (exists (
    select from public.member where member.tenant_id = booking.tenant_id and member.name = current_user
));

-- case: a function the role may not call
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create function public.tenant() returns uuid language sql stable set search_path = pg_catalog, pg_temp
as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
revoke execute on function public.tenant() from public;
create policy tenant on public.booking using (tenant_id = (select public.tenant()));

-- case: both may be used, or the policy is not for the role
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create role case_backup;
create table public.member (tenant_id uuid, name text, notes text);
create table public.secret (tenant_id uuid);
grant select (tenant_id, name) on public.member to case_app;
create policy members on public.booking using (exists (
    select from public.member where member.tenant_id = booking.tenant_id and member.name = current_user
));
create policy backup on public.booking to case_backup using (tenant_id in (select tenant_id from public.secret));
