-- The application logs in as the owner of its tables: forced row security holds it.
create role app_chief login;
create schema app authorization app_chief;
set role app_chief;
create table app.tenants (id uuid primary key);
create table app.orders (id uuid primary key, tenant_id uuid not null references app.tenants);
reset role;
