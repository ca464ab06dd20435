-- A tenant's table without row security gets a floor, members and a forced fence.
create role app_user login;
create table tenants (id uuid primary key default gen_random_uuid(), name text not null);
create table invoices (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants,
    total numeric not null
);
grant select, insert, update, delete on invoices to app_user;
grant select on tenants to app_user;
