-- Membership in a role that no policy holds goes as well, with its admin option.
create role app_support bypassrls;
create role app_user login;
grant app_support to app_user with admin option;
create table tenants (id uuid primary key);
create table orders (id uuid primary key, tenant_id uuid not null references tenants);
grant select on orders to app_user, app_support;
