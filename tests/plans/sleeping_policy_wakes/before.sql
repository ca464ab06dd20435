-- A policy was written and row security never enabled: the plan says that it will hold from now on.
create role app_user login;
create table orgs (id bigint primary key);
create table notes (id bigint primary key, org_id bigint not null references orgs, is_hidden boolean not null);
create policy visible on notes for select to app_user using (not is_hidden);
grant select on notes to app_user;
