-- A tenant's table refers to one all share: neither key changes.
create role app_user login;
create table orgs (id uuid primary key);
create table currencies (code text primary key);
create table prices (org_id uuid not null references orgs, number int, code text references currencies, primary key (org_id, number));
grant select on prices, currencies to app_user;
