-- A table whose rows kept their tenant is said to hand them over: the trigger goes, the others stay.
create role app_user login;
create table tenants (id bigint primary key);
create table parcels (id bigint primary key, tenant_id bigint not null references tenants);
grant select, insert, update on parcels to app_user;
