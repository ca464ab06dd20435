-- Privileges on columns come back in the order they were given.
create role app_user login;
create role app_clerk login;
create table orgs (id uuid primary key);
create table patients (id uuid primary key, org_id uuid not null references orgs, name text, diagnosis text);
grant select (id, org_id, name), update (name) on patients to app_clerk;
grant select, references (id) on patients to app_user;
grant select (name) on patients to public;
