-- A role that serves tenants is a member of the tables' owner: the membership goes, and undo gives it back.
create role app_chief;
create role app_user login in role app_chief;
create table tenants (id uuid primary key);
create table orders (id uuid primary key, tenant_id uuid not null references tenants);
alter table tenants owner to app_chief;
alter table orders owner to app_chief;
grant select on tenants, orders to app_user;
