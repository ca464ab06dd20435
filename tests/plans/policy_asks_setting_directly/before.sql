-- The policy compares with a setting that any session can make: it goes, the floor decides.
create role app_user login;
create table accounts (id uuid primary key);
create table payments (id uuid primary key, account_id uuid not null references accounts, amount numeric);
alter table payments enable row level security;
create policy own_account on payments to app_user
    using (account_id = current_setting('app.account_id')::uuid);
grant select, insert, update, delete on payments to app_user;
