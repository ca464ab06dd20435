-- A policy for reading alone lets nobody write: the floor does not open what it leaves closed.
create role app_user login;
create table orgs (id uuid primary key);
create table bills (id uuid primary key, org_id uuid not null references orgs);
alter table bills enable row level security;
create policy reading on bills for select to app_user using (true);
grant select, insert on bills to app_user;
