-- Two policies, each asking another setting; a third asks none and stays.
create role app_user login;
create table orgs (id uuid primary key);
create table users (id uuid primary key, org_id uuid not null references orgs, email text);
create table tasks (
    id uuid primary key, org_id uuid not null references orgs, user_id uuid references users, is_open boolean
);
alter table tasks enable row level security;
create policy by_org on tasks using (org_id = current_setting('app.org_id', true)::uuid);
create policy by_user on tasks for update using (user_id = current_setting('app.user_id', true)::uuid);
create policy open_ones on tasks as restrictive for delete using (is_open);
grant select, insert, update, delete on tasks, users to app_user;
