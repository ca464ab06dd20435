-- The policy for everything asks a setting and goes; one for reading stays: writing must still be let through.
create role app_user login;
create table orgs (id uuid primary key);
create table bills (id uuid primary key, org_id uuid not null references orgs, is_open boolean not null);
alter table bills enable row level security;
create policy own_org on bills using (org_id = current_setting('app.org_id', true)::uuid);
create policy open_ones on bills for select using (is_open);
grant select, insert, update on bills to app_user;
