-- A role that may pass on what it holds keeps that for reading, and loses TRUNCATE; undo gives both back.
create role app_user login;
create role app_lead login;
create table orgs (id uuid primary key);
create table deals (id uuid primary key, org_id uuid not null references orgs);
grant select, truncate on deals to app_lead with grant option;
grant select, insert on deals to app_user;
