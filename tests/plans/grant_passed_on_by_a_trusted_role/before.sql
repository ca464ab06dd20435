-- A trusted role passed TRUNCATE on to a role that serves tenants: that goes as well.
create role app_lead login;
create role app_user login;
create table orgs (id uuid primary key);
create table deals (id uuid primary key, org_id uuid not null references orgs);
grant select, truncate on deals to app_lead with grant option;
set role app_lead;
grant select, truncate on deals to app_user;
reset role;
