-- case: any context will do
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create policy anybody on public.booking for delete
using (nullif(current_setting('app.tenant_id', true), '') is not null);

-- case: a membership of any tenant will do
-- expect: public.booking
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create table public.member (tenant_id uuid, name text);
create policy members on public.booking using (exists (select from public.member where member.name = current_user));

-- case: a column of the row, in a sub-select, or the whole row
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create table public.member (tenant_id uuid, name text);
create policy members on public.booking using (exists (
    select from public.member where member.tenant_id = booking.tenant_id and member.name = current_user
));
create table public.note (id int primary key, tenant_id uuid not null);
alter table public.note enable row level security;
create function public.may_see(row_seen public.note) returns boolean language sql stable as $$ select true $$;
create policy judged on public.note using (public.may_see(note));

-- case: a floor looks at the row, or the policy is for roles nobody attacks
-- expect: nothing
create role case_app login;
create table public.booking (id int primary key, tenant_id uuid not null, status text);
alter table public.booking enable row level security;
grant select, insert, update, delete on public.booking to case_app;
create role case_backup;
create policy floor on public.booking as restrictive
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy anybody on public.booking using (nullif(current_setting('app.tenant_id', true), '') is not null);
create table public.note (id int primary key, tenant_id uuid not null);
alter table public.note enable row level security;
create policy backup on public.note to case_backup using (current_setting('app.backup', true) = 'on');
