-- Row security is on and its policy is good, but the table's owner goes past it.
create role app_chief;
create role app_user login;
create table orgs (id bigint primary key, name text not null);
create table tickets (id bigint primary key, org_id bigint not null references orgs, title text);
alter table orgs owner to app_chief;
alter table tickets owner to app_chief;
alter table tickets enable row level security;
create policy everyone on tickets using (true);
grant select, insert on tickets to app_user;
