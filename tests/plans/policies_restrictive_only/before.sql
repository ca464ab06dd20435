-- Only a restrictive policy is there: members get a permissive one, and the team's stays.
create role app_user login;
create table orgs (id uuid primary key);
create table bills (id uuid primary key, org_id uuid not null references orgs, is_open boolean);
alter table bills enable row level security;
create policy only_open on bills as restrictive using (is_open);
grant select, insert on bills to app_user;
